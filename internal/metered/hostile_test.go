package metered

import (
	"net"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// TestNoAnswer: a NetworkManager that is stuck keeps nobody waiting, and is asked again.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	bus := runBus(t)
	block := make(chan struct{})
	bus.stuckFake(map[string]answer{"wwan0": yes}, block)
	w := watch(t, bus.addresses())
	w.readyWithin(4 * patience)
	if w.Of("wwan0") != nil {
		t.Error("known without an answer")
	}
	close(block)
	w.await("wwan0=true")
}

// TestStuckBus: one that takes connections and says nothing.
func TestStuckBus(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(newBus(t).dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	w := start([]address{address(socket)}, func() {})
	began := time.Now()
	time.Sleep(50 * time.Millisecond)
	if w.Close(); time.Since(began) > patience {
		t.Errorf("it took %v to close", time.Since(began))
	}
	watch(t, []address{address(socket)}).readyWithin(4 * patience)
}

// TestHostile: what is too large, or a call, or from others, is left out.
func TestHostile(t *testing.T) {
	t.Parallel()
	bus := runBus(t)
	f := bus.newFake(map[string]answer{"wwan0": yes})
	w := watch(t, bus.addresses())
	w.await("wwan0=true")
	var names []string
	if err := f.BusObject().Call(busName+".ListNames", 0).Store(&names); err != nil {
		t.Fatal(err)
	}
	other := bus.connect()
	for range 100 {
		for _, name := range names {
			if strings.HasPrefix(name, ":") {
				other.Object(name, "/x").Go("org.example.Call", dbus.FlagNoReplyExpected, nil)
			}
		}
	}
	path := dbus.ObjectPath(devicesPath + "/wwan0")
	large := map[string]dbus.Variant{metered: dbus.MakeVariant(strings.Repeat("x", 2*maxMessage))}
	f.emit(path, propertyName+"."+changedSignal, deviceName, large, []string{})
	for range 2 * maxNoted {
		f.emit(managerPath, managerName+"."+deviceAdded, dbus.ObjectPath("/nothing"))
	}
	f.set("wwan0", metered, uint32(no))
	w.await("wwan0=false")
	if w.changes.Load() != 2 {
		t.Errorf("%d changes told, want 2", w.changes.Load())
	}
}

// TestIdle: as long as nothing happens no goroutine runs.
func TestIdle(t *testing.T) {
	bus := runBus(t)
	bus.newFake(map[string]answer{"wwan0": yes})
	watch(t, bus.addresses()).await("wwan0=true")
	none := watch(t, []address{address(filepath.Join(bus.dir, "none", "s"))})
	none.readyWithin(patience)
	time.Sleep(300 * time.Millisecond)
	before := schedules()
	time.Sleep(time.Second)
	if n := schedules() - before; n > 5 { // One of eight is counted: this test's own are among them.
		t.Errorf("goroutines were scheduled some %d times in an idle second", 8*n)
	}
}

// schedules is how often goroutines have begun to run, of a sample of them.
func schedules() (n uint64) {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	for _, count := range sample[0].Value.Float64Histogram().Counts {
		n += count
	}
	return n
}
