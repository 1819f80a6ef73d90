package metered

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// watched is a Watch with how often it told of changes.
type watched struct {
	*Watch
	t       *testing.T
	changes *atomic.Int32
}

func watch(t *testing.T, addresses []address) watched {
	t.Helper()
	var changes atomic.Int32
	w := watched{start(addresses, func() { changes.Add(1) }), t, &changes}
	t.Cleanup(w.Close)
	return w
}

// says is what is known of some interfaces, in words.
func (w watched) says(names ...string) string {
	var words []string
	for _, name := range names {
		switch is := w.Of(name); {
		case is == nil:
			words = append(words, name+"=?")
		default:
			words = append(words, fmt.Sprintf("%s=%t", name, *is))
		}
	}
	return strings.Join(words, " ")
}

// await waits until something is known.
func (w watched) await(want string) {
	w.t.Helper()
	var names []string
	for word := range strings.FieldsSeq(want) {
		name, _, _ := strings.Cut(word, "=")
		names = append(names, name)
	}
	for end := time.Now().Add(30 * time.Second); w.says(names...) != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s, want %s", w.says(names...), want)
		}
	}
}

// await waits for the first answer of all.
func (w watched) readyWithin(d time.Duration) {
	w.t.Helper()
	select {
	case <-w.Ready():
	case <-time.After(d):
		w.t.Fatalf("nothing is known, nor that nothing is, after %v", d)
	}
}

// TestValues: all that NetworkManager can say, once Ready is closed.
func TestValues(t *testing.T) {
	t.Parallel()
	bus := runBus(t)
	f := bus.newFake(map[string]answer{"a": unknown, "b": yes, "c": no, "d": guessYes, "e": guessNo, "f": 5})
	f.device("modem", map[string]any{control: "cdc-wdm0", ipInterface: "wwan0", metered: uint32(guessYes)})
	f.device("planned", map[string]any{control: "vlan5", metered: uint32(yes), realized: false})
	f.device("idle", map[string]any{control: "eth9", ipInterface: "", metered: uint32(no)})
	f.device("odd", map[string]any{control: 7, ipInterface: "odd", metered: "yes"})
	f.device("endless", map[string]any{control: strings.Repeat("x", 65), metered: uint32(yes)})
	w := watch(t, bus.addresses())
	w.readyWithin(20 * time.Second)
	const want = "a=? b=true c=false d=true e=false f=? wwan0=true cdc-wdm0=true vlan5=? eth9=false odd=? nowhere=?"
	if w.await(want); w.changes.Load() != 1 {
		t.Errorf("%d changes were told of", w.changes.Load())
	}
	if w.Of(strings.Repeat("x", 65)) != nil {
		t.Error("a name that no interface has is known")
	}
}

// TestVerdicts: of several devices of one interface.
func TestVerdicts(t *testing.T) {
	for want, devices := range map[string][]device{
		"map[x:true]":         {{[2]string{"x", "x"}, guessNo}, {[2]string{"x", "x"}, yes}, {[2]string{"x", "x"}, guessNo}},
		"map[]":               {{[2]string{"x", "x"}, no}, {[2]string{"x", "x"}, yes}, {[2]string{"x", ""}, yes}},
		"map[x:false]":        {{[2]string{"", "x"}, yes}, {[2]string{"x", "y"}, unknown}, {[2]string{"x", ""}, guessNo}},
		"map[p:true x:false]": {{[2]string{"p", "x"}, yes}, {[2]string{"x", "x"}, guessNo}},
	} {
		paths := map[dbus.ObjectPath]device{}
		for i, d := range devices {
			paths[dbus.ObjectPath(fmt.Sprint("/", i))] = d
		}
		for range 20 { // The order of a map is any.
			if got := fmt.Sprint(verdicts(paths)); got != want {
				t.Errorf("%+v: %s, want %s", devices, got, want)
			}
		}
	}
}

// TestChanges are heard of, each told once.
func TestChanges(t *testing.T) {
	t.Parallel()
	bus := runBus(t)
	f := bus.newFake(map[string]answer{"wlan0": no, "wwan0": guessYes})
	w := watch(t, bus.addresses())
	w.await("wlan0=false wwan0=true")
	f.set("wlan0", metered, uint32(yes))
	w.await("wlan0=true wwan0=true")
	f.set("wlan0", ipInterface, "renamed")
	f.set("wlan0", control, "renamed")
	w.await("wlan0=? renamed=true")
	path := f.device("usb0", map[string]any{ipInterface: "usb0", metered: uint32(yes)})
	f.emit(managerPath, managerName+"."+deviceAdded, path)
	w.await("usb0=true")
	f.mutex.Lock()
	delete(f.props, path)
	f.mutex.Unlock()
	if err := f.Export(nil, path, propertyName); err != nil {
		t.Fatal(err)
	}
	f.emit(managerPath, managerName+"."+deviceRemoved, path)
	w.await("usb0=? wwan0=true renamed=true")
	before := w.changes.Load()
	f.mutex.Lock()
	asked := f.asked
	f.mutex.Unlock()
	f.set("wwan0", "State", uint32(100)) // That happens often, and is of no interest.
	time.Sleep(4 * settle)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if w.changes.Load() != before || f.asked != asked {
		t.Errorf("%d changes told, %d questions, for what does not matter", w.changes.Load()-before, f.asked-asked)
	}
}

// TestManagerComesAndGoes: what is not said by anybody is not known.
func TestManagerComesAndGoes(t *testing.T) {
	t.Parallel()
	bus := runBus(t)
	w := watch(t, bus.addresses())
	w.readyWithin(20 * time.Second)
	if w.changes.Load() != 0 {
		t.Error("changes without a NetworkManager")
	}
	for range 3 {
		f := bus.newFake(map[string]answer{"wwan0": yes})
		w.await("wwan0=true")
		f.Close()
		w.await("wwan0=?")
	}
}

// TestBusRestarts: the socket of the killed one stays, and refuses; then there is another.
func TestBusRestarts(t *testing.T) {
	t.Parallel()
	bus := runBus(t)
	bus.newFake(map[string]answer{"wwan0": yes})
	w := watch(t, bus.addresses())
	w.await("wwan0=true")
	bus.stop()
	w.await("wwan0=?")
	time.Sleep(1500 * time.Millisecond) // The first attempt to connect again is over.
	bus.run()
	bus.newFake(map[string]answer{"wwan0": no})
	w.await("wwan0=false")
}

// TestBusComes where there was none, nor the directories of its socket.
func TestBusComes(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	w := watch(t, bus.addresses())
	w.readyWithin(20 * time.Second)
	time.Sleep(100 * time.Millisecond)
	if w.changes.Load() != 0 || w.Of("wwan0") != nil {
		t.Error("something is known without a bus")
	}
	bus.run()
	bus.newFake(map[string]answer{"wwan0": yes})
	w.await("wwan0=true")
}

// TestVariable: where the system bus is.
func TestVariable(t *testing.T) {
	bus := runBus(t)
	bus.newFake(map[string]answer{"wwan0": yes})
	t.Setenv(addressVariable, "tcp:host=127.0.0.1,port=1;unix:path=/nowhere/at/all;unix:path="+dbus.EscapeBusAddressValue(bus.socket())+",guid=00")
	w := watched{Start(func() {}), t, nil}
	defer w.Close()
	w.await("wwan0=true")
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string][]address{
		"unix:path=/run/x":                     {"/run/x"},
		"unix:abstract=a%20b,guid=1":           {"@a b"},
		"unixexec:path=/bin/sh;unix:tmpdir=/t": nil,
		"unix:path=%zz;unix:path=;;unix":       nil,
		"unix:guid=1,path=/a;unix:path=/b":     {"/a", "/b"},
	} {
		if got := parseAddresses(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	t.Setenv(addressVariable, "")
	if got := systemBus(); !slices.Equal(got, []address{"/run/dbus/system_bus_socket"}) {
		t.Errorf("the system bus is at %q", got)
	}
}
