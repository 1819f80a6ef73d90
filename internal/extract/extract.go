// Package extract takes connections out of capture files: their packets, of all
// subflows, or the bytes that the applications sent, put together at the data level.
package extract

import (
	"context"
	"errors"
	"io"

	"allroads/internal/capture"
	"allroads/trace"
)

// Options say which connections there are to choose from.
type Options struct {
	TCP bool // plain TCP connections, too; connections are numbered accordingly
}

// Summary is what was extracted.
type Summary struct {
	Connections []Chosen
	Packets     uint64

	// Damage is why a file could not be read to its end, nil when all were. What came
	// before is extracted.
	Damage error
}

// Packets writes all packets of the subflows of the chosen connections to w, as
// pcapng: with the link types, names and snap lengths of the interfaces where they
// were captured, in nanoseconds. Later fragments of a packet come along with the
// first one. What is on a subflow's addresses belongs to it from its first packet
// until another SYN opens something else there.
//
// The files are read twice, so each has to be one that can be: see Spool. A
// *NotFoundError says that a selector names no connection. When the context ends, the
// error is its cause.
func Packets(ctx context.Context, files []string, selectors []trace.Selector, o Options, w io.Writer) (Summary, error) {
	chosen, damage, err := find(ctx, files, selectors, o)
	if err != nil {
		return Summary{}, err
	}
	summary := Summary{Connections: chosen, Damage: damage}
	out, err := newWriter(w)
	if err != nil {
		return summary, err
	}
	err = eachPacket(ctx, files, chosen, func(_ uint64, in *trace.File, p *trace.Packet) error {
		summary.Packets++
		return out.write(in, p)
	})
	if err != nil && !IsDamage(err) {
		return summary, err
	}
	return summary, out.close()
}

// IsDamage reports whether an error is about what a file holds, after packets that
// could be read.
func IsDamage(err error) bool {
	var damage *capture.DamageError
	return errors.As(err, &damage)
}
