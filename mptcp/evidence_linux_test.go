package mptcp

import (
	"strings"
	"testing"
)

func only(list ...FallbackCause) (s causes) {
	for _, c := range list {
		s |= 1 << c
	}
	return s
}

// The marks are those that net/mptcp leaves; TestStatus has the kernel leave them.
func TestEvidence(t *testing.T) {
	flags := func(f uint32) *uint32 { return &f }
	yes, no := new(true), new(false)
	for name, c := range map[string]struct {
		evidence
		want causes
	}{
		"nothing known":               {evidence{resent: true}, allCauses},
		"nothing sent again":          {evidence{}, allCauses &^ only(CauseDropped)},
		"no answer with mp_capable":   {evidence{flags(0x82), no, false}, only(CauseSYNACK, CauseSimultaneous)},
		"the same, key not told":      {evidence{flags(0x82), nil, false}, only(CauseSYNACK, CauseSimultaneous, CauseFirstData)},
		"an answer, then no option":   {evidence{flags(0x82), yes, false}, only(CauseFirstData)},
		"given up before, sent again": {evidence{flags(0x80), no, true}, only(CauseDropped, CauseDisabled, CauseToken, CauseMD5, CauseSimultaneous)},
		"given up before":             {evidence{flags(0x80), no, false}, only(CauseDisabled, CauseToken, CauseMD5, CauseSimultaneous)},
		"accepted, then no option":    {evidence{flags(0xc0), yes, false}, only(CauseFirstData)},
		"later":                       {evidence{flags(0xc3), yes, true}, only(CauseMapping, CauseCorruption, CauseFail)},
		"accepted, later":             {evidence{flags(0xc1), nil, true}, only(CauseMapping, CauseCorruption, CauseFail)},
	} {
		if got := c.causes(); got != c.want {
			t.Errorf("%s: possible are %011b, want %011b", name, got, c.want)
		}
	}
}

func TestCounters(t *testing.T) {
	before := parseCounters([]byte(netstatText))
	now := parseCounters([]byte(strings.Replace(netstatText, " 3 2 0 ", " 4 3 0 ", 1)))
	if n := before.count(CauseSYNACK); n != 2 {
		t.Errorf("counted %d, want 2", n)
	}
	if before[CauseToken] == nil || *before[CauseToken] != 0 || before[CauseDropped] != nil {
		t.Errorf("a zero and a counter that is missing are not told apart: %v", before)
	}
	// This kernel does not count CauseFirstData.
	for name, c := range map[string]struct{ got, want causes }{
		"since before":                   {now.since(before), only(CauseSYNACK, CauseFirstData)},
		"since the start":                {now.since(nil), only(CauseSYNACK, CauseMapping, CauseFirstData)},
		"of two lines that do not match": {parseCounters([]byte("MPTcpExt: DssFallback\nMPTcpExt: 1 2\n")).since(nil), uncountedCauses},
	} {
		if c.got != c.want {
			t.Errorf("%s: possible are %011b, want %011b", name, c.got, c.want)
		}
	}
	if got := only(CauseFail).only(); got != CauseFail {
		t.Errorf("the only one is %v", got)
	}
	if causes(0).only() != CauseUnknown || allCauses.only() != CauseUnknown {
		t.Error("a cause is named that is not the only one")
	}
}

// This kernel's own counters have the names that are looked for.
func TestCountersOfThisKernel(t *testing.T) {
	requireMPTCP(t)
	if !atLeast(kernelRelease(t), [2]int{6, 17}) {
		t.Skip("older kernels have fewer counters")
	}
	found, err := readCounters()
	if err != nil {
		t.Fatal(err)
	}
	for cause, counter := range causeCounters {
		if counter != "" && found[cause] == nil {
			t.Errorf("%s has no counter %s", FallbackCause(cause), counter)
		}
	}
}
