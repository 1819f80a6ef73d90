package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/bench"
)

// benchServer runs a server in the lab.
func (u *labUser) benchServer(args ...string) *seat {
	u.t.Helper()
	s := u.sit(append([]string{"exec", "speed/server", u.path, "bench", "server"}, args...)...)
	s.sees("listening on [::]:8684")
	return s
}

// benchClient are the words that run a client.
func (u *labUser) benchClient(args ...string) []string {
	return append([]string{"exec", "speed/client", u.path, "bench", "client", "10.0.0.1", "--wait", "10", "--subflows", "2"}, args...)
}

// TestBenchJSONIsDocumented looks for each field that the JSON has, and may have,
// in its documentation.
func TestBenchJSONIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/bench-json.md")
	must(t, err)
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.twoPaths("speed")
		s := u.benchServer()
		names := map[string]bool{}
		for _, args := range [][]string{
			{"--json", "--both", "-t", "0.5", "--interval", "0.2", "--best-path", "--path-time", "0.3"},
			{"--json", "--latency", "-t", "0.2"},
			{"--ndjson", "-t", "0.5", "--interval", "0.2"},
		} {
			decoder := json.NewDecoder(strings.NewReader(u.ok(u.benchClient(args...)...)))
			for decoder.More() {
				var value any
				must(t, decoder.Decode(&value))
				namesIn(value, names)
			}
		}
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		s.ends(0)
		u.ok("down", "speed")
		if len(names) < 45 {
			t.Errorf("the JSON has only %v", slices.Sorted(maps.Keys(names)))
		}
		fieldsOf(reflect.TypeFor[bench.Result](), names)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if !strings.Contains(string(doc), "`"+name+"`") {
				t.Errorf("field %s is not documented", name)
			}
		}
	})
}

// namesIn adds the names of fields that a value has.
func namesIn(value any, names map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			names[name] = true
			namesIn(inner, names)
		}
	case []any:
		for _, inner := range value {
			namesIn(inner, names)
		}
	}
}

// fieldsOf adds the fields that a type has in JSON.
func fieldsOf(what reflect.Type, names map[string]bool) {
	switch what.Kind() {
	case reflect.Pointer, reflect.Slice:
		fieldsOf(what.Elem(), names)
		return
	case reflect.Struct:
	default:
		return
	}
	for i := range what.NumField() {
		field := what.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" {
			names[name] = true
		}
		if name != "" || field.Anonymous {
			fieldsOf(field.Type, names)
		}
	}
}

// TestBench measures as a person would, and reads what is printed.
func TestBench(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.twoPaths("speed")
		s := u.benchServer()
		contains(t, u.ok(u.benchClient("-t", "0.6", "--interval", "0.2", "--require-mptcp")...),
			"connection 1, 10.0.0.2:", "8684: mptcp\n", "  0.0-0.2   s  upload", "\nupload: ", "\n    red-client 10.0.0.2 ",
			"\n    blue-client 192.168.0.2 ", "\naggregate ", " × the busiest subflow\n")
		contains(t, u.ok(u.benchClient("-t", "0.3", "--best-path", "--path-time", "0.3", "-P", "2", "-R")...),
			"2 connections to 10.0.0.1:8684: mptcp\n", "\ndownload: ", "\nalone: red-client 10.0.0.2 > 10.0.0.1  download ",
			" × best path\n")
		contains(t, u.ok(u.benchClient("-t", "0.3", "--latency")...), "latency of ", "\n  p99.9 ")
		contains(t, u.ok(u.benchClient("--bytes", "1MB", "--failover")...), "upload: ", "1.0 MB in ", "longest gap ")
		u.benchInterrupted(s)
		u.ok("down", "speed")
	})
}

// benchInterrupted ends a client as Ctrl-C does, then the server of another one:
// both tell what there was.
func (u *labUser) benchInterrupted(s *seat) {
	t := u.t
	t.Helper()
	for _, who := range []string{"client", "server"} {
		client := u.sit(u.benchClient("-t", "60", "--interval", "0.1")...)
		client.sees("s  upload")
		time.Sleep(200 * time.Millisecond)
		ended, want := client, 128+int(syscall.SIGINT)
		if who == "server" {
			ended, want = s, 1
		}
		_ = ended.cmd.Process.Signal(syscall.SIGINT)
		for _, text := range []string{"Not to the end. Until then:", "upload: ", "aggregate "} {
			client.sees(text)
		}
		client.ends(want)
	}
	s.ends(0)
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// TestBenchClosedPipe has nobody read what a client prints: it ends as other
// programs do, and the server goes on.
func TestBenchClosedPipe(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.twoPaths("speed")
		s := u.benchServer("--once")
		cmd := u.command(u.benchClient("-t", "60", "--interval", "0.1")...)
		r, w, err := os.Pipe()
		must(t, err)
		cmd.Stdout = w
		must(t, cmd.Start())
		w.Close()
		_, err = r.Read(make([]byte, 1))
		must(t, err)
		r.Close()
		err = cmd.Wait()
		if _, ok := err.(*exec.ExitError); !ok {
			t.Errorf("the client ends with %v", err)
		}
		s.ends(1)
		u.ok("down", "speed")
	})
}
