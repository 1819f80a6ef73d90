package ipmptcp_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// result is what a command has printed and its exit code.
type result struct {
	out, err string
	code     int
}

// run calls the package in a namespace.
func run(t testing.TB, ns *netns.NS, call command, args ...string) (r result) {
	t.Helper()
	var out, err bytes.Buffer
	must(t, ns.Do(func() error {
		r.code = call(context.Background(), args, &out, &err)
		return nil
	}))
	r.out, r.err = out.String(), err.String()
	return r
}

// installed finds ip(8), where an ordinary user's PATH may not lead, too.
func installed(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"ip", "/usr/sbin/ip", "/sbin/ip"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	netnstest.Missing(t, "program ip")
	return ""
}

// runIP calls the installed ip(8) in a namespace.
func runIP(t testing.TB, ns *netns.NS, args ...string) (r result) {
	t.Helper()
	path := installed(t)
	var out, stderr bytes.Buffer
	err := ns.Do(func() error {
		cmd := exec.Command(path, args...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		cmd.Stdout, cmd.Stderr = &out, &stderr
		return cmd.Run()
	})
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.code = exit.ExitCode()
	} else {
		must(t, err)
	}
	r.out, r.err = out.String(), stderr.String()
	return r
}

// without takes the object's name away, which is all that ip has more.
func without(args []string) []string {
	at := slices.Index(args, "mptcp")
	return slices.Delete(slices.Clone(args), at, at+1)
}

func dial(t testing.TB, ns *netns.NS) *pathmanager.Conn {
	t.Helper()
	conn, err := pathmanager.Dial(t.Context(), pathmanager.InNetNS(ns.Fd()))
	if errors.Is(err, pathmanager.ErrNotSupported) {
		netnstest.Missing(t, err.Error())
	}
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}
