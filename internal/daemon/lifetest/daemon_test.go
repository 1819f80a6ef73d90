package lifetest_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"allroads/lab"
)

// everything is a configuration that uses the labs' interfaces, which are of a type that
// is left alone otherwise. Nothing is checked unless something is heard of.
const everything = `mode: kernel
check_every: 0s
interfaces:
  - name: all
    match: {names: ["*"]}
    role: use
`

// daemon is an allroadsd that runs in a host.
type daemon struct {
	t       *testing.T
	host    *lab.Host
	dir     string // of its files
	flags   []string
	command *lab.Command
	ended   chan error
	log     *written
	notices *net.UnixConn // what it tells the service manager
}

// written is what a process has written so far.
type written struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (w *written) Write(b []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text.Write(b)
}

func (w *written) String() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text.String()
}

// start starts allroadsd in the client, and waits until it is ready.
func (n *network) start(config string, flags ...string) *daemon {
	n.t.Helper()
	d := newDaemon(n.t, n.client, config, flags...)
	d.begin()
	return d
}

// newDaemon prepares one that does not run yet.
func newDaemon(t *testing.T, host *lab.Host, config string, flags ...string) *daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "life") // The path of a socket is short.
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{t: t, host: host, dir: dir, flags: flags}
	t.Cleanup(d.end)
	d.notices, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: d.path("notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	d.configure(config)
	return d
}

func (d *daemon) path(name string) string { return filepath.Join(d.dir, name) }

// configure writes another configuration, which is not read before a reload.
func (d *daemon) configure(config string) {
	d.t.Helper()
	if err := os.WriteFile(d.path("allroads.yaml"), []byte(config), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// prepare makes the command, with flags beside those that say where its files are.
func (d *daemon) prepare(flags ...string) *lab.Command {
	d.t.Helper()
	path, env := binary(d.t)
	flags = append([]string{"--config", d.path("allroads.yaml"), "--conf-dir", d.path("conf.d"), "--socket", d.path("control"),
		"--state", d.path("state")}, append(d.flags, flags...)...)
	command := d.host.Command(path, flags...)
	command.Env = append(env, "NOTIFY_SOCKET="+d.path("notify"))
	return command
}

// begin starts it, and waits until it says that it is ready.
func (d *daemon) begin() {
	d.t.Helper()
	d.launch()
	d.await("READY=1", 20*time.Second)
}

// launch starts it, and does not wait. What an earlier one said last is of no interest.
func (d *daemon) launch() {
	d.t.Helper()
	d.forget()
	d.log, d.ended = &written{}, make(chan error, 1)
	d.command = d.prepare()
	d.command.Stdout, d.command.Stderr = d.log, d.log
	if err := d.command.Start(); err != nil {
		d.t.Fatal(err)
	}
	command, ended := d.command, d.ended
	go func() { ended <- command.Wait() }()
}

// forget reads what an earlier one has told the service manager.
func (d *daemon) forget() {
	for buffer := make([]byte, 4096); ; {
		d.notices.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := d.notices.Read(buffer); err != nil {
			return
		}
	}
}

// await waits until the service manager is told something.
func (d *daemon) await(notice string, atMost time.Duration) {
	d.t.Helper()
	buffer := make([]byte, 4096)
	for end := time.Now().Add(atMost); time.Now().Before(end); {
		select {
		case err := <-d.ended:
			d.ended <- err
			d.t.Fatalf("allroadsd has ended (%v) before it said %s", err, notice)
		default:
		}
		d.notices.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		size, err := d.notices.Read(buffer)
		if err == nil && strings.Contains("\n"+string(buffer[:size])+"\n", "\n"+notice+"\n") {
			return
		}
	}
	d.t.Fatalf("allroadsd does not say %s within %v", notice, atMost)
}

// stop ends it by a signal, and waits for that.
func (d *daemon) stop(signal syscall.Signal) error {
	d.t.Helper()
	send(d.t, d.command.Process, signal)
	select {
	case err := <-d.ended:
		d.ended <- err
		return err
	case <-time.After(20 * time.Second):
		d.t.Fatalf("allroadsd does not end on %v", signal)
		return nil
	}
}

// end is for when the test is over, however it went.
func (d *daemon) end() {
	if d.command != nil && d.command.Process != nil {
		d.command.Process.Kill()
		<-d.ended
	}
	if d.log != nil && d.t.Failed() {
		d.t.Logf("allroadsd said:\n%s", d.log)
	}
	d.notices.Close()
	os.RemoveAll(d.dir)
}
