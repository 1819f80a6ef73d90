package metered

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"

	"github.com/godbus/dbus/v5"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// testBus is a bus of its own, of the program that real ones are.
type testBus struct {
	t       *testing.T
	dir     string
	process *exec.Cmd
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`

// newBus prepares one that does not run yet.
func newBus(t *testing.T) *testBus {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		netnstest.Missing(t, "dbus-daemon")
	}
	dir, err := os.MkdirTemp("", "bus") // The path of a socket is short.
	if err != nil {
		t.Fatal(err)
	}
	b := &testBus{t: t, dir: dir}
	t.Cleanup(func() { b.stop(); os.RemoveAll(dir) })
	return b
}

// runBus has one that runs.
func runBus(t *testing.T) *testBus {
	b := newBus(t)
	b.run()
	return b
}

func (b *testBus) socket() string { return filepath.Join(b.dir, "run", "dbus", "socket") }

func (b *testBus) addresses() []address { return parseAddresses("unix:path=" + b.socket()) }

// run starts it, and waits until it listens.
func (b *testBus) run() {
	b.t.Helper()
	config := filepath.Join(b.dir, "config")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, b.socket()), 0o644); err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(b.socket()), 0o755); err != nil {
		b.t.Fatal(err)
	}
	var said bytes.Buffer
	b.process = exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--nosyslog")
	b.process.Stderr = &said
	if err := b.process.Start(); err != nil {
		b.t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("unix", b.socket())
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("dbus-daemon does not listen: %v: %s", err, &said)
		}
	}
}

// stop kills it: its socket stays.
func (b *testBus) stop() {
	if b.process != nil {
		b.process.Process.Kill()
		b.process.Wait()
		b.process = nil
	}
}

// connect is a connection of some process.
func (b *testBus) connect() *dbus.Conn {
	b.t.Helper()
	conn, err := dbus.Connect("unix:path=" + b.socket())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	return conn
}

// fake is a NetworkManager that says what a test does.
type fake struct {
	*dbus.Conn
	t     *testing.T
	mutex sync.Mutex
	paths []dbus.ObjectPath
	props map[dbus.ObjectPath]map[string]any
	block chan struct{} // nil: GetDevices answers at once
	asked int
}

// newFake takes NetworkManager's name on a bus, with devices of names.
func (b *testBus) newFake(devices map[string]answer) *fake {
	b.t.Helper()
	f := b.stuckFake(devices, nil)
	return f
}

func (b *testBus) stuckFake(devices map[string]answer, block chan struct{}) *fake {
	b.t.Helper()
	f := &fake{Conn: b.connect(), t: b.t, props: map[dbus.ObjectPath]map[string]any{}, block: block}
	for name, says := range devices {
		f.device(name, map[string]any{ipInterface: name, control: name, metered: uint32(says), realized: true})
	}
	if err := f.Export(f, managerPath, managerName); err != nil {
		b.t.Fatal(err)
	}
	if reply, err := f.RequestName(managerName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		b.t.Fatal(reply, err)
	}
	return f
}

// device adds one; nobody is told.
func (f *fake) device(name string, properties map[string]any) dbus.ObjectPath {
	path := dbus.ObjectPath(devicesPath + "/" + name)
	f.mutex.Lock()
	f.paths, f.props[path] = append(f.paths, path), properties
	f.mutex.Unlock()
	if err := f.Export(fakeDevice{f, path}, path, propertyName); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// GetDevices is a method of NetworkManager.
func (f *fake) GetDevices() ([]dbus.ObjectPath, *dbus.Error) {
	if f.block != nil {
		<-f.block
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.asked++
	return append([]dbus.ObjectPath{}, f.paths...), nil
}

// set changes a property, and tells.
func (f *fake) set(name, property string, value any) {
	path := dbus.ObjectPath(devicesPath + "/" + name)
	f.mutex.Lock()
	f.props[path][property] = value
	f.mutex.Unlock()
	f.emit(path, propertyName+"."+changedSignal, deviceName, map[string]dbus.Variant{property: dbus.MakeVariant(value)}, []string{})
}

func (f *fake) emit(path dbus.ObjectPath, name string, values ...any) {
	if err := f.Emit(path, name, values...); err != nil {
		f.t.Error(err)
	}
}

type fakeDevice struct {
	*fake
	path dbus.ObjectPath
}

// GetAll is a method of all objects that have properties.
func (d fakeDevice) GetAll(string) (map[string]dbus.Variant, *dbus.Error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.asked++
	values := map[string]dbus.Variant{}
	for name, value := range d.props[d.path] {
		values[name] = dbus.MakeVariant(value)
	}
	return values, nil
}
