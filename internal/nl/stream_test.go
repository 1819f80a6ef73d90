package nl_test

import (
	"errors"
	"io"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
)

// stream is a socket of rtnetlink in a namespace with 40 links.
func stream(t *testing.T) (*nl.Stream, *netns.NS) {
	t.Helper()
	ns := netnstest.New(t)
	route, err := rtnetlink.Dial(nl.Config(ns.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer route.Close()
	for i := range 39 {
		err := route.Link.New(&rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{
			Name: "link" + string(rune('A'+i)), Info: &rtnetlink.LinkInfo{Kind: "bridge"},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var s *nl.Stream
	err = ns.Do(func() (err error) {
		s, err = nl.DialStream(unix.NETLINK_ROUTE)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, ns
}

const links = 40

func askLinks(t *testing.T, s *nl.Stream) {
	t.Helper()
	if err := s.Ask(unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg)); err != nil {
		t.Fatal(err)
	}
}

func countLinks(t *testing.T, s *nl.Stream) (n int) {
	t.Helper()
	for {
		body, err := s.Next()
		if err == io.EOF {
			return n
		}
		if err != nil || len(body) < unix.SizeofIfInfomsg {
			t.Fatalf("after %d links: %d bytes, %v", n, len(body), err)
		}
		n++
	}
}

// TestStreamLeftAlone: what is not read of an answer does no harm to the next.
func TestStreamLeftAlone(t *testing.T) {
	s, _ := stream(t)
	for read := range 4 {
		askLinks(t, s)
		for range read {
			if _, err := s.Next(); err != nil {
				t.Fatal(err)
			}
		}
	}
	askLinks(t, s)
	if n := countLinks(t, s); n != links || s.Interrupted() {
		t.Errorf("%d links, interrupted: %t; want %d", n, s.Interrupted(), links)
	}
	if _, err := s.Next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

func TestStreamAlone(t *testing.T) {
	s, _ := stream(t)
	request := make([]byte, unix.SizeofIfInfomsg)
	request[4] = 1 // lo
	for range 3 {
		if err := s.Ask(unix.RTM_GETLINK, 0, request); err != nil {
			t.Fatal(err)
		}
		if n := countLinks(t, s); n != 1 {
			t.Errorf("%d links", n)
		}
	}
	request[4] = 250
	if err := s.Ask(unix.RTM_GETLINK, 0, request); err != nil {
		t.Fatal(err)
	}
	var refusal *nl.Error
	if _, err := s.Next(); !errors.As(err, &refusal) || refusal.Errno != unix.ENODEV {
		t.Errorf("a link that there is not: %v, want ENODEV", err)
	}
}

func TestDialStream(t *testing.T) {
	if _, err := nl.DialStream(200); !errors.Is(err, unix.EPROTONOSUPPORT) {
		t.Errorf("protocol 200: %v, want EPROTONOSUPPORT", err)
	}
	s, _ := stream(t)
	askLinks(t, s)
	s.Close()
	if _, err := s.Next(); !errors.Is(err, unix.EBADF) {
		t.Errorf("after Close: %v, want EBADF", err)
	}
	if err := s.Ask(unix.RTM_GETLINK, 0, nil); !errors.Is(err, unix.EBADF) {
		t.Errorf("after Close: %v, want EBADF", err)
	}
}
