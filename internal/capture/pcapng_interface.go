package capture

import (
	"math"
	"time"
)

// Options of interfaces and statistics (draft-ietf-opsawg-pcapng, sections 4.2 and 4.6).
const (
	optionDescription = 3  // if_description
	optionOffset      = 14 // if_tsoffset
	optionIfDropped   = 5  // isb_ifdrop

	interfaceBytes  = 8  // of an interface block's body without options
	statisticsBytes = 12 // of a statistics block's body without options

	// maxInterfaces and maxText bound what a file has us remember.
	maxInterfaces = 1 << 16
	maxText       = 256
)

// describe reads an interface description block.
func (r *pcapng) describe(body []byte) error {
	f := r.file
	if len(body) < interfaceBytes {
		return f.damaged("an interface description of %d bytes", len(body)+blockAround)
	}
	if len(f.interfaces) == maxInterfaces {
		return f.damaged("more than %d interfaces", maxInterfaces)
	}
	i := FileInterface{File: f.name, Link: order16(body, r.big), SnapLen: order32(body[4:], r.big)}
	c := microseconds
	offset := int64(0)
	options := body[interfaceBytes:]
	for len(options) > 0 {
		code, value, rest, ok := nextOption(options, r.big)
		switch {
		case !ok:
			return f.damaged("an interface description with an option longer than itself")
		case code == optionName:
			i.Name = text(value)
		case code == optionDescription:
			i.Description = text(value)
		case code == optionResolution && len(value) == 1:
			if c, ok = newClock(value[0]); !ok {
				return f.damaged("an interface with a time resolution of %#x, finer than 64 bits hold", value[0])
			}
		case code == optionOffset && len(value) == 8:
			offset = int64(order64(value, r.big))
		case code == optionResolution, code == optionOffset:
			return f.damaged("an interface with option %d of %d bytes", code, len(value))
		}
		options = rest
	}
	if offset > math.MaxInt64/int64(time.Second) || offset < math.MinInt64/int64(time.Second) {
		return f.damaged("an interface with times from %d seconds on", offset)
	}
	c.offset = offset * int64(time.Second)
	i.Resolution = c.step()
	f.interfaces, r.clocks = append(f.interfaces, i), append(r.clocks, c)
	return nil
}

func text(value []byte) string { return string(value[:min(len(value), maxText)]) }

// nextOption takes an option apart; after the last there is no rest.
func nextOption(b []byte, big bool) (code uint16, value, rest []byte, ok bool) {
	if len(b) < 4 {
		return 0, nil, nil, false
	}
	code = order16(b, big)
	length := int(order16(b[2:], big))
	padded := 4 + (length+3)&^3
	if code == optionEnd {
		return code, nil, nil, true
	}
	if len(b) < padded {
		return 0, nil, nil, false
	}
	return code, b[4 : 4+length], b[padded:], true
}

// statistics reads an interface statistics block. Each counts from the start, so
// that the last of an interface stands.
func (r *pcapng) statistics(body []byte) error {
	if len(body) < statisticsBytes {
		return r.file.damaged("interface statistics of %d bytes", len(body)+blockAround)
	}
	i, err := r.at(order32(body, r.big))
	if err != nil {
		return err
	}
	drops, known := uint64(0), false
	options := body[statisticsBytes:]
	for len(options) > 0 {
		code, value, rest, ok := nextOption(options, r.big)
		if !ok {
			return r.file.damaged("interface statistics with an option longer than themselves")
		}
		if (code == optionIfDropped || code == optionDropped) && len(value) == 8 {
			drops, known = drops+order64(value, r.big), true
		}
		options = rest
	}
	if known {
		at := &r.file.interfaces[r.first+i]
		at.Drops, at.DropsKnown = drops, true
	}
	return nil
}

// at returns the position of an interface in its section.
func (r *pcapng) at(id uint32) (int, error) {
	if id >= uint32(len(r.clocks)) {
		return 0, r.file.damaged("interface %d, when %d are described", id, len(r.clocks))
	}
	return int(id), nil
}
