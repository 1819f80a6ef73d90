package pathmanagertest_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"
)

func TestRefuse(t *testing.T) {
	refusal := &pathmanager.Error{Errno: syscall.EPERM}
	var asked []string
	fake := &pathmanagertest.Fake{Refuse: func(method string) error {
		asked = append(asked, method)
		return refusal
	}}
	err := fake.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.1")})
	if !errors.Is(err, pathmanager.ErrPermission) || !errors.Is(err, os.ErrPermission) || len(asked) != 1 || asked[0] != "AddEndpoint" {
		t.Errorf("AddEndpoint = %v, asked of %v", err, asked)
	}
	fake.Refuse = nil
	if list, err := fake.Endpoints(t.Context()); err != nil || list == nil || len(list) > 0 {
		t.Errorf("what was refused has left %#v, %v", list, err)
	}
}

func TestCancelledAndClosed(t *testing.T) {
	fake := new(pathmanagertest.Fake)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := fake.SetLimits(cancelled, pathmanager.Limits{Subflows: 5}); !errors.Is(err, context.Canceled) {
		t.Errorf("SetLimits, cancelled, = %v", err)
	}
	if got, err := fake.Limits(t.Context()); err != nil || got.Subflows != 2 {
		t.Errorf("a cancelled call has set %+v, %v", got, err)
	}
	must(t, fake.Close())
	if _, err := fake.Limits(t.Context()); !errors.Is(err, syscall.EBADF) {
		t.Errorf("Limits after Close: %v", err)
	}
}

func TestDisconnect(t *testing.T) {
	fake := new(pathmanagertest.Fake)
	ends := netip.MustParseAddrPort("10.0.0.1:1")
	fake.Connect(5, ends, ends)
	must(t, fake.Withdraw(t.Context(), 5, 0))
	fake.Disconnect(5)
	if err := fake.Withdraw(t.Context(), 5, 0); !errors.Is(err, pathmanager.ErrNotFound) || fake.Subflows(5) != nil {
		t.Errorf("Withdraw of a connection that has ended: %v", err)
	}
}

func TestListener(t *testing.T) {
	var l pathmanagertest.Listener
	l.Emit(pathmanager.Event{Type: pathmanager.Created, Token: 1})
	time.AfterFunc(10*time.Millisecond, func() { l.Emit(pathmanager.Event{Type: pathmanager.Closed, Token: 1}) })
	var types []pathmanager.EventType
	for event, err := range l.Events() {
		must(t, err)
		if types = append(types, event.Type); len(types) == 2 {
			break
		}
	}
	if types[0] != pathmanager.Created || types[1] != pathmanager.Closed {
		t.Errorf("events %v", types)
	}
	broken := errors.New("broken")
	l.Fail(broken)
	for _, err := range l.Events() {
		if err != broken {
			t.Errorf("error %v, want that of Fail", err)
		}
	}
	time.AfterFunc(10*time.Millisecond, func() { l.Close() })
	for event := range l.Events() {
		t.Errorf("event %+v after all were read", event)
	}
}
