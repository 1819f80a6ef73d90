package program

import (
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// The options that this sets, in other orders of arguments than they have.
const setsC = `#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
int main(void) {
	int s = socket(AF_INET, SOCK_STREAM, 0), v = 5000;
	setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, sizeof v);
	setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &v, sizeof v);
	setsockopt(s, IPPROTO_IP, IP_RECVTOS, &v, sizeof v);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, sizeof v);
	return getsockopt(s, IPPROTO_TCP, TCP_QUICKACK, &v, &(socklen_t){sizeof v});
}
`

const setsGo = `package main
import "syscall"
func main() {
	s, _ := syscall.Socket(2, 1, 0)
	set(s)
}
func set(s int) {
	syscall.SetsockoptInt(s, 6, 18, 5000)
	syscall.SetsockoptInt(s, 1, 60, 1)
	syscall.SetsockoptInt(s, 0, 13, 1)
	syscall.SetsockoptInt(s, 6, 1, 1)
}
`

var setsWant = []string{"IP_RECVTOS", "SO_ZEROCOPY", "TCP_NODELAY", "TCP_USER_TIMEOUT"}

// TestOptionsSeen finds the options that a program sets, and none that it does not.
func TestOptionsSeen(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("a compiler for amd64 is needed")
	}
	for _, options := range [][]string{{"-O0"}, {"-O2"}, {"-Os"}, {"-O2", "-fno-plt"}, {"-O2", "-no-pie"}, {"-O2", "-fcf-protection=full", "-Wl,-z,ibtplt"}, {"-O2", "-Wl,-z,now"}} {
		path := madeC(t, setsC, options...)
		run(t, nil, "strip", path)
		checkSeen(t, examined(t, path), options)
	}
	for _, options := range [][]string{nil, {"-ldflags=-s -w"}, {"-buildmode=pie"}, {"-gcflags=-N -l"}} {
		checkSeen(t, examined(t, madeGo(t, setsGo, nil, options...)), options)
	}
	if p := examined(t, madeC(t, plainC)); p.Options == nil || len(p.Options) > 0 {
		t.Errorf("options of nothing: %+v", p.Options)
	}
}

func checkSeen(t *testing.T, p *Program, how []string) {
	t.Helper()
	var seen []string
	for _, u := range p.Options {
		if u.Certainty != Seen || u.Why == "" {
			t.Errorf("%v: %+v", how, u)
		}
		seen = append(seen, u.Option)
	}
	slices.Sort(seen)
	if !slices.Equal(seen, setsWant) {
		t.Errorf("%v: seen are %v, want %v", how, seen, setsWant)
	}
}

// TestOptionsOfLibraries: what a library can do is possible.
func TestOptionsOfLibraries(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("a compiler for amd64 is needed")
	}
	library := madeC(t, setsC, "-shared", "-fPIC", "-O2", "-Wl,-soname,"+filepath.Join(t.TempDir(), "libsets.so"))
	p := &Program{Options: []Use{}, Libraries: []string{library}, Uring: &Sight{Certainty: NotSeen}}
	m := opened(t, library)
	defer m.close()
	p.examineLibraries(m)
	if len(p.Options) != 4 || p.Options[0].Certainty != Possible {
		t.Errorf("%+v", p.Options)
	}
	if openLibrary("libc.so.6", m) == nil || openLibrary("libno-such.so", m) != nil || openLibrary("lib*.so.6", m) != nil {
		t.Error("libraries are not found by their names")
	}
}

func opened(t testing.TB, path string) *image {
	t.Helper()
	file, info, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newImage(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestKnown goes by names, and prefers what is surer.
func TestKnown(t *testing.T) {
	p := &Program{Path: "/usr/sbin/haproxy", Libraries: []string{"libssl.so.3"}, Go: &Go{dependencies: []string{"google.golang.org/grpc"}}}
	var names []string
	for _, u := range Distinct(p.knownUses()) {
		names = append(names, u.Option)
	}
	if !slices.Equal(names, []string{"TCP_USER_TIMEOUT", "TCP_QUICKACK", "TCP_ULP"}) {
		t.Errorf("known are %v", names)
	}
	if uses := (&Program{Path: "/x/haproxyd", Libraries: []string{"libx.so"}}).knownUses(); uses != nil {
		t.Errorf("%+v", uses)
	}
	got := Distinct([]Use{{"A", Possible, "1"}, {"B", Seen, "2"}, {"A", Observed, "3"}, {"B", Known, "4"}})
	if !slices.Equal(got, []Use{{"A", Observed, "3"}, {"B", Seen, "2"}}) {
		t.Errorf("%+v", got)
	}
	names = nil
	for _, table := range [][]known{programs, libraries, modules} {
		for _, k := range table {
			if k.name == "" || k.why == "" || k.certainty != Known && k.certainty != Possible {
				t.Errorf("%+v", k)
			}
			names = append(names, k.option)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if fates, err := Probe(names...); err == nil && len(fates) != len(names) {
		t.Errorf("of %v only %d have a number", names, len(fates))
	}
}
