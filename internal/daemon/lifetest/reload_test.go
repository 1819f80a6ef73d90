package lifetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/control"
)

// withoutGreen leaves green alone.
const withoutGreen = `mode: kernel
check_every: 0s
interfaces:
  - match: {names: [green]}
    role: never
  - name: all
    match: {names: ["*"]}
    role: use
`

// TestReload applies the difference, and nothing but the difference: subflows of addresses
// that it is not about stay what they are.
func TestReload(t *testing.T) {
	t.Parallel()
	for name, reload := range map[string]func(*daemon){
		"SIGHUP": func(d *daemon) { send(d.t, d.command.Process, syscall.SIGHUP) },
		"API":    func(d *daemon) { d.reloads(http.StatusOK) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, 3)
			d, c := n.start(everything), n.connect("10.1.0.1")
			await(t, "start", all(n.endpoints("10.1.0.1", "10.2.0.1", "10.3.0.1"), c.from("10.1.0.1", "10.2.0.1", "10.3.0.1")))
			before, ids := n.ports("10.1.0.1", "10.2.0.1"), n.id("10.1.0.1")+" "+n.id("10.2.0.1")

			d.configure(withoutGreen)
			reload(d)
			await(t, "reload without green", all(n.endpoints("10.1.0.1", "10.2.0.1"), c.from("10.1.0.1", "10.2.0.1")))
			d.configure(everything + "routing: true\n")
			reload(d)
			addresses := []string{"10.1.0.1", "10.2.0.1", "10.3.0.1"}
			await(t, "reload with green and routing", all(n.endpoints(addresses...), c.from(addresses...), n.rules(addresses...)))
			if changed := differences(before, n.ports("10.1.0.1", "10.2.0.1")); changed > 0 {
				t.Errorf("%d subflows of red and blue are others after the reloads", changed)
			}
			if now := n.id("10.1.0.1") + " " + n.id("10.2.0.1"); now != ids {
				t.Errorf("ids %s, before %s", now, ids)
			}
			d.configure(strings.Replace(everything, "role: use", "role: backup", 1))
			reload(d)
			await(t, "reload with backup", n.flagged("10.2.0.1", "backup"))
			if changed := differences(before, n.ports("10.1.0.1", "10.2.0.1")); changed > 0 {
				t.Errorf("%d subflows are others after they became backup", changed)
			}
			await(t, "reload without routing", n.rules())
		})
	}
}

// flagged checks that an endpoint has a flag.
func (n *network) flagged(address, flag string) func() error {
	return func() error {
		for line := range strings.Lines(n.ip("mptcp endpoint show")) {
			if words := strings.Fields(line); words[0] == address && strings.Contains(line, " "+flag+" ") {
				return nil
			}
		}
		return fmt.Errorf("the endpoint of %s is not %s", address, flag)
	}
}

// reloads has it read its configuration again, over the socket.
func (d *daemon) reloads(want int) (answer []byte) {
	d.t.Helper()
	code, answer := d.ask("POST", "/reload")
	if code != want {
		d.t.Fatalf("POST reload: %d, want %d: %s", code, want, answer)
	}
	return answer
}

// TestReloadSays what is different.
func TestReloadSays(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	d := n.start(everything)
	d.configure(everything + "routing: true\n")
	var said control.Reloaded
	if err := json.Unmarshal(d.reloads(http.StatusOK), &said); err != nil {
		t.Fatal(err)
	}
	if len(said.Changes) != 1 || !strings.Contains(said.Changes[0], "routing") {
		t.Errorf("changes %q", said.Changes)
	}
	if err := json.Unmarshal(d.reloads(http.StatusOK), &said); err != nil || len(said.Changes) != 0 {
		t.Errorf("another reload: changes %q, %v", said.Changes, err)
	}
}

// TestReloadRefused: a file that is wrong changes nothing, and it is said where it is wrong.
func TestReloadRefused(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	before := l.ports("10.1.0.1", "10.2.0.1")
	l.d.configure(strings.Replace(routed, "role: use", "role: uze", 1))
	place := l.d.path("allroads.yaml") + ":6"
	var said control.Failure
	code, answer := l.d.ask("POST", "/reload")
	if err := json.Unmarshal(answer, &said); err != nil || code < 400 || code >= 500 || !strings.Contains(said.Error, place) {
		t.Errorf("a reload of a wrong file: %d, %s", code, answer)
	}
	send(t, l.d.command.Process, syscall.SIGHUP)
	await(t, "the log says where", func() error {
		if strings.Contains(l.d.log.String(), place) {
			return nil
		}
		return fmt.Errorf("the log does not say %s", place)
	})
	if state := l.d.status().Config; state.Error == nil || !strings.Contains(*state.Error, place) || state.Failed == nil {
		t.Errorf("configuration in the status: %+v", state)
	}
	stays(t, "after a wrong file", 100*time.Millisecond, l.settled("10.1.0.1", "10.2.0.1"))
	if changed := differences(before, l.ports("10.1.0.1", "10.2.0.1")); changed > 0 {
		t.Errorf("%d subflows are others", changed)
	}
	l.ip("address delete 10.2.0.1/24 dev blue")
	l.settles("work goes on with the old configuration", "10.1.0.1")
	l.d.configure(routed)
	l.d.reloads(http.StatusOK)
	if state := l.d.status().Config; state.Error != nil {
		t.Errorf("after a right file the status has the error %s", *state.Error)
	}
}
