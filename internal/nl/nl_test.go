package nl_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/jsimonetti/rtnetlink/v2/driver"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// overLimits asks the path manager of a namespace for more subflows than any kernel gives.
func overLimits(conn *genetlink.Conn) error {
	family, err := conn.GetFamily("mptcp_pm")
	if err != nil {
		return err
	}
	attributes := netlink.NewAttributeEncoder()
	attributes.Uint32(2, 0)
	attributes.Uint32(3, 1<<20)
	data, err := attributes.Encode()
	if err != nil {
		return err
	}
	_, err = conn.Execute(genetlink.Message{
		Header: genetlink.Header{Command: 5, Version: 1}, Data: data,
	}, family.ID, netlink.Request|netlink.Acknowledge)
	return err
}

func dial(t testing.TB) *genetlink.Conn {
	t.Helper()
	conn, err := nl.DialGeneric(netnstest.New(t).Fd())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestKernelKeepsTheText(t *testing.T) {
	conn := dial(t)
	if _, err := conn.GetFamily("mptcp_pm"); errors.Is(err, os.ErrNotExist) {
		netnstest.Missing(t, "the kernel's MPTCP path manager")
	}
	raw := overLimits(conn)
	err := nl.Kernel(fmt.Errorf("wrapped: %w", raw))
	var refusal *nl.Error
	if !errors.As(err, &refusal) || refusal.Errno != unix.EINVAL ||
		!strings.HasPrefix(refusal.Message, "limit greater than maximum (") {
		t.Fatalf("Kernel(%v) = %#v, want EINVAL and the kernel's text", raw, err)
	}
	if want := refusal.Message + " (invalid argument)"; err.Error() != want {
		t.Errorf("the error says %q, want %q", err, want)
	}
	if !errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EPERM) {
		t.Errorf("errors.Is(%v, EINVAL) does not hold, or EPERM does", err)
	}
}

func TestKernelWithoutText(t *testing.T) {
	route, err := rtnetlink.Dial(nl.Config(netnstest.New(t).Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer route.Close()
	if err := addVeth(route); err != nil {
		t.Fatal(err)
	}
	err = nl.Kernel(addVeth(route))
	var refusal *nl.Error
	if !errors.As(err, &refusal) || !errors.Is(err, fs.ErrExist) || !errors.Is(err, unix.EEXIST) {
		t.Fatalf("a pair that exists: %#v, want EEXIST", err)
	}
	if refusal.Message == "" && err.Error() != "file exists" {
		t.Errorf("the error says %q, want the number's text alone", err)
	}
}

func addVeth(route *rtnetlink.Conn) error {
	return route.Link.New(&rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{
		Name: "one0",
		Info: &rtnetlink.LinkInfo{Kind: "veth", Data: &driver.Veth{
			PeerInfo: &rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{Name: "two0"}},
		}},
	}})
}

func TestKernelPassesOthersThrough(t *testing.T) {
	for _, err := range []error{
		nil,
		errors.New("ours"),
		context.Canceled,
		unix.EPERM, // Not from netlink: it has no text to lose.
		fmt.Errorf("read: %w", os.ErrDeadlineExceeded),
		&netlink.OpError{Op: "receive", Err: os.ErrDeadlineExceeded},
		&netlink.OpError{Op: "validate", Err: errors.New("mismatched sequence in netlink reply")},
	} {
		if got := nl.Kernel(err); got != err {
			t.Errorf("Kernel(%v) = %v, want it as it is", err, got)
		}
	}
}

func TestKernelOfSystemCalls(t *testing.T) {
	err := nl.Kernel(&netlink.OpError{Op: "send", Err: os.NewSyscallError("sendmsg", unix.ENOBUFS)})
	if want := (nl.Error{Errno: unix.ENOBUFS}); err == nil || *err.(*nl.Error) != want {
		t.Errorf("Kernel = %#v, want %#v", err, want)
	}
}

func TestDialGeneric(t *testing.T) {
	if _, err := dial(t).GetFamily("nlctrl"); err != nil {
		t.Error(err)
	}
	closed := netnstest.New(t)
	closed.Close()
	_, err := nl.DialGeneric(closed.Fd())
	if !errors.Is(err, unix.EBADF) || !strings.Contains(err.Error(), "open generic netlink socket") {
		t.Errorf("DialGeneric in a closed namespace: %v, want EBADF that says what was tried", err)
	}
}

// TestConfigIsTheCallers is a socket made with descriptor 0 inside of Do.
func TestConfigIsTheCallers(t *testing.T) {
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link add name one0 type veth peer name two0")
	err := ns.Do(func() error {
		route, err := rtnetlink.Dial(nl.Config(0))
		if err != nil {
			return err
		}
		defer route.Close()
		links, err := route.Link.List()
		if err == nil && len(links) != 3 {
			err = fmt.Errorf("%d links, want lo and a pair", len(links))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestConfigIsStrict asks for a dump in a way that only a strict check refuses.
func TestConfigIsStrict(t *testing.T) {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nl.Config(netnstest.New(t).Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	link := make([]byte, unix.SizeofIfInfomsg)
	link[0] = unix.AF_UNSPEC
	link[8] = 1 // A flag, which no dump can select by.
	_, err = conn.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.RTM_GETLINK, Flags: netlink.Request | netlink.Dump}, Data: link,
	})
	if err = nl.Kernel(err); !errors.Is(err, unix.EINVAL) || !strings.Contains(err.Error(), "dump request") {
		t.Errorf("a dump request with a flag: %v, want EINVAL with a text", err)
	}
}
