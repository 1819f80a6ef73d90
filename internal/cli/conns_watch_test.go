package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/lab"
)

// watching is a conns --watch.
type watching struct {
	t     *testing.T
	cmd   *lab.Command
	lines *bufio.Scanner
	said  bytes.Buffer
}

func (l *connsLab) watch(host string, args ...string) *watching {
	l.t.Helper()
	w := &watching{t: l.t, cmd: l.Host(host).Command(l.path, append([]string{"conns", "--watch"}, args...)...)}
	out, err := w.cmd.StdoutPipe()
	must(l.t, err)
	w.lines = bufio.NewScanner(out)
	w.lines.Buffer(nil, 1<<20)
	w.cmd.Stderr = &w.said
	must(l.t, w.cmd.Start())
	l.t.Cleanup(func() { _ = w.cmd.Process.Kill(); _ = w.cmd.Wait() })
	return w
}

func (w *watching) line() string {
	w.t.Helper()
	if !w.lines.Scan() {
		w.t.Fatalf("no more lines: %v, %s", w.lines.Err(), &w.said)
	}
	return w.lines.Text()
}

// ends expects an exit code and words.
func (w *watching) ends(code int, said string) {
	w.t.Helper()
	for w.lines.Scan() {
	}
	_ = w.cmd.Wait()
	if got := exitCodeOf(w.cmd.Cmd); got != code || w.said.String() != said {
		w.t.Errorf("exit code %d and %q, want %d and %q", got, &w.said, code, said)
	}
}

// shapedPaths have 8 and 4 Mbit/s in both directions.
const shapedPaths = `
name: shaped
hosts:
  - name: client
    mptcp: {limits: {subflows: 1}, endpoints: [` + overBlue + `]}
  - name: server
    mptcp: {limits: {subflows: 1}}
links:
  - {name: red, rate: 8mbit, ends: [{host: client, addresses: [10.0.1.1/24]}, {host: server, addresses: [10.0.1.2/24]}]}
  - {name: blue, rate: 4mbit, ends: [{host: client, addresses: [10.0.2.1/24]}, {host: server, addresses: [10.0.2.2/24]}]}
`

// watchedRates is what the test reads of a look.
type watchedRates struct {
	Interval    *float64
	Connections []struct {
		Sent     *float64 `json:"sent_rate"`
		Subflows []struct {
			Interface string
			Sent      *float64 `json:"sent_rate"`
			Share     *float64 `json:"share_now"`
		}
	}
}

// TestConnsRates sends without an end over links with known rates: what conns
// tells cannot be above them by much, and is most of them at some time.
func TestConnsRates(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := buildLab(t, shapedPaths)
		_, accepted := l.listen("10.0.1.2:4000")
		client, server := l.connect("10.0.1.2:4000", accepted)
		go func() { _, _ = io.Copy(io.Discard, server) }()
		go func() {
			for b := make([]byte, 64<<10); ; {
				if _, err := client.Write(b); err != nil {
					return
				}
			}
		}()
		w := l.watch("client", "500ms", "--json")
		var first watchedRates
		must(t, json.Unmarshal([]byte(w.line()), &first))
		if c := first.Connections[0]; first.Interval != nil || c.Sent != nil || c.Subflows[0].Sent != nil || c.Subflows[0].Share != nil {
			t.Errorf("the first look tells rates: %+v", first)
		}
		deadline := time.Now().Add(patience)
		for !w.isShaped() {
			if time.Now().After(deadline) {
				t.Fatal("never the rates of the links")
			}
		}
		must(t, w.cmd.Process.Signal(os.Interrupt))
		w.ends(128+int(syscall.SIGINT), "allroads: interrupted\n")
	})
}

// isShaped reads a look, and reports whether both links are nearly full in it. No
// look may show more than a link can carry, with what its bucket and queue let
// through at once.
func (w *watching) isShaped() bool {
	w.t.Helper()
	var look watchedRates
	must(w.t, json.Unmarshal([]byte(w.line()), &look))
	if len(look.Connections) != 1 || len(look.Connections[0].Subflows) != 2 || look.Interval == nil {
		return false
	}
	c, sum, full := look.Connections[0], 0.0, true
	for _, f := range c.Subflows {
		if f.Sent == nil || f.Share == nil {
			return false
		}
		limit := map[string]float64{"red": 1e6, "blue": 0.5e6}[f.Interface] // bytes per second
		if most := limit*1.1 + 128<<10 / *look.Interval; *f.Sent > most {
			w.t.Errorf("%v bytes/s on %s, in %v s", *f.Sent, f.Interface, *look.Interval)
		}
		full = full && *f.Sent > 0.7*limit
		sum += *f.Share
	}
	if sum < 0.99 || sum > 1.01 {
		w.t.Errorf("the shares add up to %v", sum)
	}
	return full && *c.Sent > 0.7*1.5e6 && *c.Sent < 1.3*1.5e6
}

// TestConnsWatchText: each look has a heading, and no escape sequence in a pipe.
func TestConnsWatchText(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, "", "", "", "")
		_, accepted := l.listen("10.0.1.2:4000")
		client, server := l.connect("10.0.1.2:4000", accepted)
		w := l.watch("client", "300ms")
		want := []string{
			`^[0-9:.]{12}  1 connection$`, `  1 established of 4  out \?  in \?  sent 5 B  `, `  out \?  in \?  .*  share \?$`, `^$`,
			`^[0-9:.]{12}  1 connection  rates of [0-9.]+ s$`, `  out [0-9.]+ k?bit/s  in 0 bit/s  sent 905 B  `, `  out [0-9.]+ k?bit/s  in 0 bit/s  .*  share 100 %$`, `^$`,
		}
		for i, pattern := range want {
			if line := w.line(); !regexp.MustCompile(pattern).MatchString(line) {
				t.Errorf("line %q, want %s", line, pattern)
			}
			if i == 2 {
				l.pass(client, server, strings.Repeat("x", 900))
			}
		}
		must(t, w.cmd.Process.Signal(syscall.SIGTERM))
		w.ends(128+int(syscall.SIGTERM), "allroads: interrupted\n")
	})
}

// TestConnsLost watches namespaces that disappear: a process in each holds it.
func TestConnsLost(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		path := program(t)
		first, _, end := inNewNamespace(t)
		cmd := exec.Command(path, "conns", "--watch", "50ms", "-n", first)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		if !lines.Scan() || !strings.HasSuffix(lines.Text(), "  0 connections") {
			t.Errorf("begins with %q, %s", lines.Text(), &said)
		}
		end()
		for lines.Scan() {
		}
		_ = cmd.Wait()
		if want := "allroads: watch network namespace " + first + ": no such network namespace any more\n"; exitCodeOf(cmd) != 3 || said.String() != want {
			t.Errorf("exit code %d and %q, want %q", exitCodeOf(cmd), &said, want)
		}
	})
}

// TestConnsLostOne: the watch goes on with the others.
func TestConnsLostOne(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		path := program(t)
		name, ns, end := inNewNamespace(t)
		cmd := exec.Command(path, "conns", "--watch", "50ms", "--all-namespaces", "--json")
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<24)
		if !lines.Scan() {
			t.Fatal(said.String())
		}
		ns.Close()
		end()
		// Those of other tests may disappear with it.
		lost := regexp.MustCompile(`"lost_netns":\[[^]]*"` + name + `"`)
		for lines.Scan() && !lost.MatchString(lines.Text()) {
		}
		if !lines.Scan() || strings.Contains(lines.Text(), name) {
			t.Errorf("after it has lost one: %q", lines.Text())
		}
		must(t, cmd.Process.Signal(os.Interrupt))
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		if want := "allroads: network namespace " + name + ": no such namespace any more\n"; exitCodeOf(cmd) != 130 || strings.Count(said.String(), want) != 1 {
			t.Errorf("exit code %d and %q, want %q once", exitCodeOf(cmd), &said, want)
		}
	})
}

// inNewNamespace starts a process in a namespace of its own; name is how to find
// it, end how to end it.
func inNewNamespace(t *testing.T) (name string, ns *netns.NS, end func()) {
	t.Helper()
	ns, err := netns.New()
	must(t, err)
	cmd := exec.Command("sleep", "100")
	must(t, ns.Do(cmd.Start))
	end = func() {
		ns.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(end)
	return fmt.Sprintf("pid:%d", cmd.Process.Pid), ns, end
}
