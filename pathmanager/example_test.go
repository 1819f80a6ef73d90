package pathmanager_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"

	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"
)

// twoUplinks lets connections use a second uplink. It is what a test of it needs
// no kernel for.
func twoUplinks(ctx context.Context, pm pathmanager.Controller, second netip.Addr) error {
	if err := pm.SetLimits(ctx, pathmanager.Limits{Subflows: 2, AddAddrAccepted: 2}); err != nil {
		return err
	}
	err := pm.AddEndpoint(ctx, pathmanager.Endpoint{Addr: second, Flags: pathmanager.Subflow})
	if errors.Is(err, pathmanager.ErrExists) {
		return nil
	}
	return err
}

func ExampleController() {
	ctx, pm := context.Background(), new(pathmanagertest.Fake) // Otherwise pathmanager.Dial.
	for range 2 {
		if err := twoUplinks(ctx, pm, netip.MustParseAddr("10.0.2.2")); err != nil {
			log.Fatal(err)
		}
	}
	endpoints, _ := pm.Endpoints(ctx)
	for _, e := range endpoints {
		fmt.Println(e.Addr, e.ID, e.Flags)
	}
	// Output: 10.0.2.2 1 subflow
}

// The set of live connections, also when events were lost.
func ExampleEventSource() {
	events := new(pathmanagertest.Listener) // Otherwise pathmanager.Listen.
	events.Emit(pathmanager.Event{Type: pathmanager.Created, Token: 0x11})
	events.Emit(pathmanager.Event{Type: pathmanager.Loss, Lost: 3, LostKnown: true})
	events.Emit(pathmanager.Event{Type: pathmanager.Created, Token: 0x33})
	events.Emit(pathmanager.Event{Type: pathmanager.ListenerClosed})
	askTheKernel := func() map[pathmanager.Token]bool { return map[pathmanager.Token]bool{0x22: true} }

	live := askTheKernel() // after Listen, and before the first event
	for event, err := range events.Events() {
		if err != nil {
			log.Fatal(err)
		}
		switch event.Type {
		case pathmanager.Created:
			live[event.Token] = true
		case pathmanager.Closed:
			delete(live, event.Token)
		case pathmanager.Loss:
			live = askTheKernel()
		case pathmanager.ListenerClosed:
			events.Close()
		}
	}
	fmt.Println(live)
	// Output: map[00000022:true 00000033:true]
}
