package rtnl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// host is a namespace and a connection to it.
type host struct {
	*netns.NS
	*rtnl.Conn
}

func newHost(t testing.TB) host {
	t.Helper()
	ns := netnstest.New(t)
	conn, err := rtnl.Dial(ns.Fd())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return host{ns, conn}
}

// pair makes two hosts with a cable from left0 to right0.
func pair(t testing.TB) (left, right host) {
	t.Helper()
	left, right = newHost(t), newHost(t)
	must(t, left.AddVeth("left0", "right0", right.Fd()))
	return left, right
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// refused checks that an error is the kernel's or ours and says what was tried.
func refused(t testing.TB, err, is error, words ...string) {
	t.Helper()
	if err == nil || (is != nil && !errors.Is(err, is)) {
		t.Errorf("error %v, want %v", err, is)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
}

// ask returns what ip(8) or tc(8) prints in JSON.
func ask[T any](t testing.TB, ns *netns.NS, command string) (answer []T) {
	t.Helper()
	if out := netnstest.Output(t, ns, command); out != "" {
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	return answer
}

// move gives an interface to another namespace.
func (h host) move(name string, to host) error {
	return h.Do(func() error {
		cmd := exec.Command("ip", "link", "set", name, "netns", "/proc/self/fd/3")
		cmd.ExtraFiles = []*os.File{to.File()}
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return err
	})
}
