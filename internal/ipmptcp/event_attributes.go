package ipmptcp

import (
	"fmt"
	"net/netip"
	"strconv"

	"allroads/pathmanager"
)

// attribute is one of an event: " key=text", or " key" where there is no text.
type attribute struct {
	key, text string
	json      []byte
}

// attributes are those of one event, in iproute2's order.
type attributes []attribute

// eventAttributes leaves out those of events without a name, as iproute2 does.
func eventAttributes(e *pathmanager.Event, from *place) (list attributes) {
	if isKnown(e.Type) {
		list.connection(e)
		list.subflow(e, from)
		list.flags(e)
	}
	if e.LostKnown {
		list.number("lost", e.Lost)
	}
	if from.isNamed() {
		list.string("netns", from.name)
	} else if from.isNumbered {
		list.number("nsid", uint64(from.nsid))
	}
	return list
}

func (l *attributes) connection(e *pathmanager.Event) {
	if e.Token != 0 {
		*l = append(*l, attribute{"token", e.Token.String(), quote(fmt.Sprintf("%#x", uint32(e.Token)))})
	}
	optional(l, "remid", e.RemoteID)
	optional(l, "locid", e.LocalID)
	for _, four := range []bool{true, false} {
		l.address("saddr", e.Source, four)
		l.address("daddr", e.Destination, four)
	}
	optional(l, "sport", e.SourcePort)
	optional(l, "dport", e.DestinationPort)
}

func (l *attributes) subflow(e *pathmanager.Event, from *place) {
	if e.Backup != nil {
		l.number("backup", map[bool]uint64{true: 1}[*e.Backup])
	}
	optional(l, "error", e.Error)
	optional(l, "timeout", e.Timeout)
	if e.IfIndex != nil {
		index := strconv.Itoa(int(*e.IfIndex))
		*l = append(*l, attribute{"ifindex", index, []byte(index)})
		if *e.IfIndex != 0 {
			l.string("dev", from.device(int(*e.IfIndex)))
		}
	}
	optional(l, "reset_reason", e.ResetReason)
	if e.ResetFlags != nil {
		l.hexadecimal("reset_flags", *e.ResetFlags)
	}
}

func (l *attributes) flags(e *pathmanager.Event) {
	var rest uint16
	if e.Flags != nil {
		rest = *e.Flags
	}
	if e.ServerSide {
		l.word("server_side")
	}
	if rest&pathmanager.DenyJoinID0 != 0 {
		l.word("deny_join_id0")
	}
	if rest &^= pathmanager.DenyJoinID0 | pathmanager.ServerSideFlag; rest != 0 {
		l.hexadecimal("flags", uint32(rest))
	}
}

func (l *attributes) address(key string, addr netip.Addr, four bool) {
	switch {
	case !addr.IsValid() || addr.Is4() != four:
	case four:
		l.string(key+"4", addr.String())
	default:
		l.string(key+"6", formatAddress(addr))
	}
}

func (l *attributes) string(key, value string) {
	*l = append(*l, attribute{key, value, quote(value)})
}

// hexadecimal is a string in JSON, and "0" for 0 in both.
func (l *attributes) hexadecimal(key string, value uint32) {
	text := "0"
	if value != 0 {
		text = fmt.Sprintf("%#x", value)
	}
	l.string(key, text)
}

func (l *attributes) number(key string, value uint64) {
	text := strconv.FormatUint(value, 10)
	*l = append(*l, attribute{key, text, []byte(text)})
}

func (l *attributes) word(key string) {
	*l = append(*l, attribute{key: key, json: []byte("true")})
}

func optional[T uint8 | uint16 | uint32](l *attributes, key string, value *T) {
	if value != nil {
		l.number(key, uint64(*value))
	}
}
