package trace

import (
	"encoding/binary"

	"allroads/wire"
)

// TCP option kinds (IANA).
const (
	optionEnd         = 0
	optionNOP         = 1
	optionWindowScale = 3
	optionTimestamps  = 8
)

// alignedTimestamps is how nearly all segments begin their options (RFC 7323,
// appendix A): two NOPs, and the timestamps' kind and length.
const alignedTimestamps = 0x0101080a

// tcpOptions is what one walk over a segment's TCP options finds.
type tcpOptions struct {
	starts        [13]uint8 // of the MPTCP options: 40 bytes hold no more
	count         uint8     // of them
	shift         int8      // of the window (RFC 7323, section 2.2); -1 is unknown
	hasTimestamps bool
	value, echo   uint32 // timestamps
	err           error  // why the walk ended early: malformed or cut off
}

// read walks over the options. What stands before an error counts.
func (o *tcpOptions) read(options []byte) {
	o.count, o.shift, o.hasTimestamps, o.err = 0, -1, false, nil
	at := 0
	if len(options) >= 12 && binary.BigEndian.Uint32(options) == alignedTimestamps {
		o.timestamps(options[2:12])
		at = 12
	}
	for at < len(options) {
		b := options[at:]
		if b[0] == optionNOP {
			at++
			continue
		}
		if b[0] == optionEnd {
			return
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			o.err = wire.ErrTruncated
			return
		}
		if !o.take(b[:b[1]], at) {
			o.err = wire.ErrLength
			return
		}
		at += int(b[1])
	}
}

// take reads one option and reports whether the walk can go on. Lengths that are
// wrong for other options than MPTCP's make them unknown.
func (o *tcpOptions) take(b []byte, at int) bool {
	switch b[0] {
	case wire.OptionKind:
		if len(b) < 3 || int(o.count) == len(o.starts) {
			return false
		}
		o.starts[o.count] = uint8(at)
		o.count++
	case optionTimestamps:
		if len(b) == 10 {
			o.timestamps(b)
		}
	case optionWindowScale:
		if len(b) == 3 {
			o.shift = int8(min(b[2], 14)) // what is more counts as 14 (RFC 7323, section 2.3)
		}
	}
	return true
}

func (o *tcpOptions) timestamps(b []byte) {
	o.value, o.echo, o.hasTimestamps = binary.BigEndian.Uint32(b[2:]), binary.BigEndian.Uint32(b[6:]), true
}

// mptcp is the MPTCP option of that number, in the options that were read.
func (o *tcpOptions) mptcp(options []byte, i int) wire.Option {
	b := options[o.starts[i]:]
	return wire.Option(b[:b[1]:b[1]])
}
