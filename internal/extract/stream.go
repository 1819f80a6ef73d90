package extract

import (
	"context"
	"fmt"

	"allroads/trace"
)

// Holes says what is done where bytes of a stream were not captured.
type Holes int

// The ways.
const (
	HolesStop Holes = iota // the stream ends in front of the first hole, and that is an error
	HolesZero              // bytes of 0 stand for those that are missing
	HolesSkip              // the stream goes on behind
)

// Part is a piece of a stream in order: each byte comes once, and none is made up but
// what HolesZero asks for.
type Part struct {
	FromServer bool
	Offset     int64 // in the stream, of the first byte; see StreamEnd
	Data       []byte
}

// StreamOptions say what is put together.
type StreamOptions struct {
	Options
	Client, Server bool // whether what that side sent is wanted
	Holes          Holes
}

// StreamEnd is how far the stream of a side was put together. Offset 0 is the first
// byte behind the handshake, what a SYN carried is in front of it; or where the start
// was not captured, the first byte that was and from which on nothing is missing that
// was sent before.
type StreamEnd struct {
	FromServer bool
	Begin, End int64 // where the stream is known to begin, and up to where it is known
	Bytes      int64 // written; those of HolesZero included
	Holes      []Range
	Complete   bool // its end was captured: DATA_FIN, or the FIN of TCP
}

// StreamSummary is what was put together.
type StreamSummary struct {
	Connection Chosen
	Ends       []StreamEnd // of the sides that were wanted
	Damage     error       // as of Summary
}

// HolesError says which bytes of a stream were not captured, with HolesStop.
type HolesError struct {
	FromServer bool
	Holes      []Range
}

func (e *HolesError) Error() string {
	from := "client"
	if e.FromServer {
		from = "server"
	}
	text := fmt.Sprintf("bytes of the %s's stream were not captured: %v", from, e.Holes[0])
	for _, hole := range e.Holes[1:min(len(e.Holes), maxKnown)] {
		text += fmt.Sprintf(", %v", hole)
	}
	if more := len(e.Holes) - maxKnown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// String names the first and the last byte.
func (r Range) String() string {
	if r.High == r.Low+1 {
		return fmt.Sprint(r.Low)
	}
	return fmt.Sprintf("%d-%d", r.Low, r.High-1)
}

// Stream puts together what the applications of one connection sent: at the data
// level, by the data sequence numbers of all subflows; after a fallback, and for plain
// TCP, by those of TCP. Parts of both sides come in the order in which an application
// beside the capture would have been given them. emit is called from the same
// goroutine; its error ends everything.
//
// The files are read three times, so each has to be one that can be: see Spool. Data
// that came out of order waits in 16 MiB of memory and then in a temporary file. With
// HolesStop, a *HolesError comes with what was in front of the hole. It is a
// *NotFoundError when the selectors do not name one connection.
func Stream(ctx context.Context, files []string, selectors []trace.Selector, o StreamOptions, emit func(*Part) error) (StreamSummary, error) {
	chosen, damage, err := find(ctx, files, selectors, o.Options)
	if err != nil {
		return StreamSummary{}, err
	}
	if len(chosen) != 1 {
		return StreamSummary{}, tooMany(chosen)
	}
	summary := StreamSummary{Connection: chosen[0], Damage: damage}
	extents, err := measure(ctx, files, chosen, o)
	if err != nil {
		return summary, err
	}
	a := newAssembly(extents, o, emit)
	defer a.close()
	if err := follow(ctx, files, chosen, o.Options, a); err != nil {
		return summary, err
	}
	summary.Ends, err = a.finish(ctx)
	return summary, err
}

func tooMany(chosen []Chosen) error {
	e := &NotFoundError{What: "more than one connection is chosen to be followed", Count: len(chosen)}
	for i := range chosen[:min(len(chosen), maxKnown)] {
		e.Known = append(e.Known, chosen[i].String())
	}
	return e
}

// receiver is a trace.Receiver that may have had enough.
type receiver interface {
	trace.Receiver
	failed() error
}

// follow analyzes the packets of a connection, whose payload goes to a receiver. That
// files are damaged is known by now.
func follow(ctx context.Context, files []string, chosen []Chosen, o Options, to receiver) error {
	a := trace.New(nil)
	a.Follow(trace.Options{Midway: true, TCP: o.TCP, ByAddress: true, Payload: to})
	a.Yield(func(*trace.Connection) {})
	err := eachPacket(ctx, files, chosen, func(_ uint64, _ *trace.File, p *trace.Packet) error {
		a.Add(p)
		return to.failed()
	})
	if err != nil && !IsDamage(err) {
		return err
	}
	a.End()
	return to.failed()
}
