package mptcp

import (
	"bytes"
	"os"
	"strconv"
)

// causeCounters are the kernel's names (net/mptcp/mib.c) of the counters of which a
// fallback raises exactly one, since Linux 6.17 in the very function that does it.
var causeCounters = [causeCount]string{
	CauseSYNACK:       "MPCapableFallbackSYNACK",
	CauseDropped:      "MPCapableSYNTXDrop",
	CauseDisabled:     "MPCapableSYNTXDisabled",
	CauseToken:        "MPFallbackTokenInit",
	CauseMD5:          "MD5SigFallback",
	CauseSimultaneous: "SimultConnectFallback",
	CauseFirstData:    "MPCapableDataFallback",
	CauseMapping:      "DssFallback",
	CauseCorruption:   "DSSCorruptionFallback",
	CauseFail:         "InfiniteMapTx",
}

// uncountedCauses happen on kernels, too, that have no counter for them. The
// others came to the kernel together with theirs.
const uncountedCauses = causes(1<<CauseFirstData | 1<<CauseMapping)

// counters are how often each cause made a connection of a network namespace fall
// back since that exists; nil where the kernel does not count it.
type counters [causeCount]*uint64

// readCounters reads those of the calling thread's network namespace.
func readCounters() (*counters, error) {
	text, err := os.ReadFile("/proc/thread-self/net/netstat")
	if err != nil {
		return nil, err
	}
	return parseCounters(text), nil
}

// parseCounters looks into two lines, one of names and one of numbers, that begin
// with MPTcpExt.
func parseCounters(text []byte) *counters {
	var names, numbers [][]byte
	for line := range bytes.Lines(text) {
		words := bytes.Fields(line)
		switch {
		case len(words) == 0 || string(words[0]) != "MPTcpExt:":
		case names == nil:
			names = words
		case numbers == nil:
			numbers = words
		}
	}
	found := new(counters)
	if len(names) != len(numbers) {
		return found
	}
	for i, name := range names {
		found.set(string(name), string(numbers[i]))
	}
	return found
}

func (c *counters) set(name, number string) {
	for cause, counter := range causeCounters {
		if counter != name || name == "" {
			continue
		}
		if n, err := strconv.ParseUint(number, 10, 64); err == nil {
			c[cause] = &n
		}
	}
}

// since are the causes that may have occurred after the counters were as in before,
// nil: since the namespace exists.
func (c *counters) since(before *counters) (possible causes) {
	for cause, now := range c {
		counted := now != nil
		if !counted && uncountedCauses.has(FallbackCause(cause)) || counted && *now > before.count(FallbackCause(cause)) {
			possible |= 1 << cause
		}
	}
	return possible
}

func (c *counters) count(cause FallbackCause) uint64 {
	if c == nil || c[cause] == nil {
		return 0
	}
	return *c[cause]
}
