// Package anonymize makes a capture that can be given to others: with other
// addresses, numbers and keys and without payload, in which package trace still
// finds the same connections, subflows, bytes and times, and in which every token,
// HMAC and data sequence number fits the replaced keys as it fitted the old ones.
//
// What it writes is built from what was understood. A packet that is not TCP over
// IP, understood to the last byte of its headers, is left away and counted.
package anonymize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Options say what is replaced and by what. The zero value replaces all that can be,
// with a secret that nobody knows.
type Options struct {
	// Secret decides what everything is replaced by: the same secret gives the same,
	// in every file. nil is a random one, which is forgotten.
	Secret []byte

	KeepPorts bool // port numbers stay
	KeepTime  bool // times stay; else all are moved by the same span

	// Progress, if any, is called now and then, with what part of the work is done,
	// from 0 to 1.
	Progress func(done float64)
}

// Result counts what became of the packets.
type Result struct {
	Packets uint64 // read
	Written uint64

	NotTCP     uint64 // left away: other protocols, and headers that contradict themselves
	Fragments  uint64 // left away: fragments but the first
	Cut        uint64 // left away: too little was captured to read the headers
	TooDeep    uint64 // left away: too many headers around each other
	LinkType   uint64 // left away: of a link type that is not read
	Unreadable uint64 // left away: TCP, in headers that are not understood in full
	Time       uint64 // left away: from before 1970

	Connections int // of MPTCP whose start was captured
	Subflows    int // with MPTCP in their SYN
}

// LeftAway is how many packets were not written.
func (r *Result) LeftAway() uint64 { return r.Packets - r.Written }

// ErrTwice is of an input that cannot be read twice.
var ErrTwice = errors.New("it is read twice, so it has to be a file: save it to one first")

// Run writes to w, as pcapng, what stands for the captures in files, which are merged
// by time. They are read twice: what a packet's numbers become depends on keys that
// may come later. Memory grows with the MPTCP flows in them, by some 300 bytes each.
//
// When a file is damaged there is an error, and w has what came before.
func Run(ctx context.Context, paths []string, w io.Writer, o Options) (*Result, error) {
	if err := Check(paths); err != nil {
		return nil, err
	}
	r, err := newRun(o)
	if err != nil {
		return nil, err
	}
	return r.twice(ctx, paths, w)
}

// Check reports whether files can be read twice.
func Check(paths []string) error {
	for _, path := range paths {
		if path == "-" {
			return fmt.Errorf("anonymize standard input: %w", ErrTwice)
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("read capture file: %w", err)
		}
		if !info.Mode().IsRegular() && !info.IsDir() { // What a directory is, reading tells.
			return fmt.Errorf("anonymize %s: %w", path, ErrTwice)
		}
	}
	return nil
}
