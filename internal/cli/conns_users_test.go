package cli_test

import (
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// stranger is a user who has no other processes, and none of the rights of anybody.
var stranger = uint32(1<<30 + os.Getpid())

// asStranger runs allroads as that user.
func asStranger(t *testing.T, path string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(path, args...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", &out, &said
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
	}
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), said.String(), exitCodeOf(cmd)
}

// withoutDiag runs allroads on a system whose kernel has no sock_diag.
func withoutDiag(command []string) error {
	runtime.LockOSThread()
	if err := denySocket(2, unix.NETLINK_SOCK_DIAG, unix.EPROTONOSUPPORT); err != nil {
		return err
	}
	return syscall.Exec("/proc/self/exe", command, os.Environ())
}

// TestConnsWithoutDiag: a kernel that cannot list connections lacks an option.
func TestConnsWithoutDiag(t *testing.T) {
	path := program(t)
	for _, args := range [][]string{{"conns"}, {"conns", "--json"}, {"conns", "--watch", "1s"}, {"conns", "--all-namespaces"}} {
		cmd := exec.Command(path, args...)
		cmd.Env = append(os.Environ(), roleVariable+"=without-diag")
		var out, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &said
		_ = cmd.Run()
		if code := exitCodeOf(cmd); code != 3 || out.Len() > 0 || !strings.Contains(said.String(), "protocol not supported") ||
			!strings.HasSuffix(said.String(), "it needs a kernel with CONFIG_INET_DIAG\n") {
			t.Errorf("%q: exit code %d, %q, %q", args, code, &out, &said)
		}
	}
}

// TestConnsOfOthers: an ordinary user sees connections, but not whose they are,
// nor into other namespaces; what is missing is said and no failure.
func TestConnsOfOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("as root: it becomes another user")
	}
	path := program(t)
	l, err := mptcp.Listen(t.Context(), netip.MustParseAddrPort("127.0.0.1:0"))
	must(t, err)
	defer l.Close()
	at := l.Addr().String()
	out, said, code := asStranger(t, path, "conns", "-l", "-p", at)
	if !strings.HasPrefix(out, "LISTEN  "+at+"  ") || !strings.Contains(out, "  owner ?") || code != 0 ||
		!regexp.MustCompile(`^allroads: [0-9]+ processes may not be looked into, .*: run it as root\n$`).MatchString(said) {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
	out, said, code = asStranger(t, path, "conns", "-l", "-p", "--json", at)
	if !strings.Contains(out, `"owners":null`) || regexp.MustCompile(`"processes_without_files":[0-9]+`).FindString(out) == "" || said != "" || code != 0 {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
	_, _, end := inNewNamespace(t)
	defer end()
	out, said, code = asStranger(t, path, "conns", "-l", "--all-namespaces", "--json", at)
	if !strings.Contains(out, `"netns":`) || regexp.MustCompile(`"processes_without_netns":[1-9]`).FindString(out) == "" || code != 0 ||
		!regexp.MustCompile(`allroads: the network namespace of [0-9]+ processes is not told: run it as root\n$`).MatchString(said) {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
}

// TestConnsEntersAs: a namespace that this user may not enter is an error when it
// is asked for, and is counted among all. The own one needs no rights.
func TestConnsEntersAs(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("as root: it becomes another user")
	}
	if !withOwnRun(t) {
		return
	}
	path := program(t)
	_, ns, end := inNewNamespace(t)
	defer end()
	must(t, ns.Publish("red"))
	out, said, code := asStranger(t, path, "conns", "-n", "red")
	if code != 3 || out != "" || !strings.HasPrefix(said, "allroads: network namespace red: ") || !strings.Contains(said, "operation not permitted") {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
	out, said, code = asStranger(t, path, "conns", "--all-namespaces", "--json")
	told := strings.HasPrefix(said, "allroads: 1 network namespace may not be entered: run it as root\n")
	if code != 0 || !strings.Contains(out, `"unreadable_netns":1,`) || !told {
		t.Errorf("exit code %d, %q, %q", code, out, said)
	}
	if out, said, code = asStranger(t, path, "conns", "-n", "/proc/self/ns/net", "127.0.0.1:1"); code != 0 || out+said != "" {
		t.Errorf("the own namespace: exit code %d, %q, %q", code, out, said)
	}
}

// TestConnsNamespaces finds a listener by all names of its namespace, and among all
// namespaces.
func TestConnsNamespaces(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("as root: it gives a namespace a name")
	}
	if !withOwnRun(t) {
		return
	}
	path := program(t)
	name, ns, end := inNewNamespace(t)
	defer end()
	must(t, ns.Publish("red"))
	var listener *mptcp.Listener
	must(t, ns.Do(func() (err error) {
		listener, err = mptcp.Listen(t.Context(), netip.MustParseAddrPort("0.0.0.0:4000"))
		return err
	}))
	defer listener.Close()
	for _, word := range []string{"red", "/run/netns/red", name} {
		out, err := exec.Command(path, "conns", "-l", "-n", word).CombinedOutput()
		if string(out) != "LISTEN  0.0.0.0:4000  waiting 0 of 4096\n" || err != nil {
			t.Errorf("-n %s: %q, %v", word, out, err)
		}
	}
	out, err := exec.Command(path, "conns", "-l", "-p", "--all-namespaces", ":4000").CombinedOutput()
	if want := regexp.MustCompile(`(?m)^LISTEN  0\.0\.0\.0:4000  waiting 0 of 4096  netns red  owner \S+ \([0-9]+\)`); !want.Match(out) || err != nil {
		t.Errorf("among all: %q, %v", out, err)
	}
}
