package bothends

import (
	"encoding/binary"
	"fmt"

	"allroads/wire"
)

// Option keys: the kind, or MPTCP's with the subtype.
func optionKey(kind uint8, body []byte) uint16 {
	if kind == wire.OptionKind && len(body) > 0 {
		return uint16(kind)<<8 | uint16(body[0]>>4)
	}
	return uint16(kind) << 8
}

// optionName is what people call an option.
func optionName(key uint16) string {
	switch kind := key >> 8; kind {
	case wire.OptionKind:
		return wire.Subtype(key & 15).String()
	case kindMSS:
		return "MSS"
	case kindWindowScale:
		return "window scale"
	case kindSACKPermitted:
		return "SACK permitted"
	case kindSACK:
		return "SACK"
	case kindTimestamps:
		return "timestamps"
	default:
		return fmt.Sprintf("TCP option %d", kind)
	}
}

// placed is an option of a packet.
type placed struct {
	key  uint16
	body []byte
	used bool
}

func listOptions(options []byte, into []placed) []placed {
	for kind, body := range each(options) {
		if len(into) == cap(into) {
			break
		}
		into = append(into, placed{key: optionKey(kind, body), body: body})
	}
	return into
}

// compareOptions names what is not the same. The order of options and the padding
// between them mean nothing.
func (p *pair) compareOptions(which int, a, b *packet) {
	w := &p.ways[which]
	same := string(a.options()) == string(b.options()) && p.ways[1-which].shiftAt(1) == 0
	if same && a.optionLength == 0 {
		return
	}
	var room [2][20]placed
	if same {
		for _, o := range listOptions(a.options(), room[0][:0]) {
			w.carried[0][slot(o.key)]++
			w.carried[1][slot(o.key)]++
		}
		return
	}
	lists := [2][]placed{listOptions(a.options(), room[0][:0]), listOptions(b.options(), room[1][:0])}
	for tap, list := range lists {
		for i := range list {
			w.carried[tap][slot(list[i].key)]++
		}
	}
	for i := range lists[0] {
		for j := range lists[1] {
			x, y := &lists[0][i], &lists[1][j]
			if !x.used && !y.used && x.key == y.key && p.sameOption(which, x, y) {
				x.used, y.used = true, true
				break
			}
		}
	}
	p.nameDifferences(which, lists, a, b)
}

// sameOption compares options. Blocks of SACK are of the other way's numbers.
func (p *pair) sameOption(which int, x, y *placed) bool {
	shift := p.ways[1-which].shiftAt(1)
	if x.key != kindSACK<<8 || shift == 0 || len(x.body) != len(y.body) {
		return string(x.body) == string(y.body)
	}
	for i := 0; i+4 <= len(x.body); i += 4 {
		if binary.BigEndian.Uint32(x.body[i:])+shift != binary.BigEndian.Uint32(y.body[i:]) {
			return false
		}
	}
	return true
}

// nameDifferences pairs what is left of the same kind, and names the rest.
func (p *pair) nameDifferences(which int, lists [2][]placed, a, b *packet) {
	for i := range lists[0] {
		x := &lists[0][i]
		for j := range lists[1] {
			y := &lists[1][j]
			if !x.used && !y.used && x.key == y.key {
				x.used, y.used = true, true
				p.noteOption(change{kind: "option_changed", key: x.key, way: which, only: -1}, [2]*placed{x, y}, a, b)
			}
		}
	}
	for tap, list := range lists {
		for i := range list {
			if x := &list[i]; !x.used {
				var o [2]*placed
				o[tap] = x
				p.noteOption(change{kind: "option", key: x.key, way: which, only: tap}, o, a, b)
			}
		}
	}
}

// noteOption spells out what it is only for the first.
func (p *pair) noteOption(x change, options [2]*placed, a, b *packet) {
	for _, known := range p.changes {
		if known.kind == x.kind && known.key == x.key && known.way == x.way && known.only == x.only {
			known.count++
			known.last = [2]uint64{a.number, b.number}
			return
		}
	}
	x.option = optionName(x.key)
	for i, o := range options {
		if o != nil {
			x.text[i] = describe(o)
		}
	}
	x.before = uint64(p.ways[x.way].carried[max(x.only, 0)][slot(x.key)]) - 1
	p.note(x, a, b)
}

// slots is how many kinds of options are counted apart.
const slots = 48

// slot is where packets with an option are counted; 0 is for all that are rare.
func slot(key uint16) int {
	switch kind := key >> 8; {
	case kind == wire.OptionKind:
		return 32 + int(key&15)
	case kind < 32:
		return int(kind)
	}
	return 0
}

// describe is an option for people.
func describe(x *placed) string {
	switch {
	case x.key>>8 == wire.OptionKind:
		option := append([]byte{wire.OptionKind, uint8(len(x.body) + 2)}, x.body...)
		return wire.Option(option).String()
	case x.key == kindMSS<<8 && len(x.body) == 2:
		return fmt.Sprint(binary.BigEndian.Uint16(x.body))
	case x.key == kindTimestamps<<8 && len(x.body) == 8:
		return fmt.Sprintf("value %d, echo %d", binary.BigEndian.Uint32(x.body), binary.BigEndian.Uint32(x.body[4:]))
	case len(x.body) == 0:
		return "present"
	default:
		return fmt.Sprintf("%x", x.body)
	}
}

// largest is the maximum segment size that a SYN announces, 0: none.
func largest(options []byte) int64 {
	for kind, body := range each(options) {
		if kind == kindMSS && len(body) == 2 {
			return int64(binary.BigEndian.Uint16(body))
		}
	}
	return 0
}
