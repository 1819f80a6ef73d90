package mptcp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestStatusString(t *testing.T) {
	for want, s := range map[string]Status{
		"unknown":          {},
		"mptcp":            {Kind: KindMPTCP},
		"plain tcp":        {Kind: KindTCP},
		"fell back to tcp": {Kind: KindFallback},
		"fell back to tcp: the answer came without mptcp": {KindFallback, CauseSYNACK},
		"fell back to tcp: FallbackCause(200)":            {KindFallback, 200},
		"Kind(9)":                                         {Kind: 9},
	} {
		if got := s.String(); got != want {
			t.Errorf("status is %q, want %q", got, want)
		}
	}
	for c := CauseUnknown; c < causeCount; c++ {
		if text := c.String(); text == "" || strings.Contains(text, "(") {
			t.Errorf("cause %d has no text: %q", c, text)
		}
	}
}

func TestSourceString(t *testing.T) {
	home := netip.MustParseAddr("127.0.0.1")
	for want, s := range map[string]Source{
		"any address": {}, "eth0": {Interface: "eth0"}, "127.0.0.1": {Addr: home},
		"127.0.0.1 on eth0": {Addr: home, Interface: "eth0"},
	} {
		if got := s.String(); got != want {
			t.Errorf("source is %q, want %q", got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	one, other := errors.New("one"), errors.New("other")
	if err := joinFailures([]error{one}); err != one {
		t.Errorf("one error becomes %v", err)
	}
	err := joinFailures([]error{one, other})
	if !errors.Is(err, one) || !errors.Is(err, other) || err.Error() != "one; other" {
		t.Errorf("two errors become %v", err)
	}
}
