package wire_test

import (
	"net/netip"

	"allroads/wire"

	"pgregory.net/rapid"
)

// generators draw every value that an option can carry, and no other.
var generators = map[string]*rapid.Generator[any]{
	"MPCapable":    rapid.Custom(func(t *rapid.T) any { return drawCapable(t) }),
	"MPJoin":       rapid.Custom(func(t *rapid.T) any { return drawJoin(t) }),
	"DSS":          rapid.Custom(func(t *rapid.T) any { return drawDSS(t) }),
	"AddAddr":      rapid.Custom(func(t *rapid.T) any { return drawAddAddr(t) }),
	"RemoveAddr":   rapid.Custom(func(t *rapid.T) any { return drawRemoveAddr(t) }),
	"MPPrio":       rapid.Custom(func(t *rapid.T) any { return drawPrio(t) }),
	"MPFail":       rapid.Custom(func(t *rapid.T) any { return &wire.MPFail{DSN: rapid.Uint64().Draw(t, "dsn")} }),
	"MPFastClose":  rapid.Custom(func(t *rapid.T) any { return &wire.MPFastClose{Key: drawKey(t, "key")} }),
	"MPTCPRst":     rapid.Custom(func(t *rapid.T) any { return drawRst(t) }),
	"Experimental": rapid.Custom(func(t *rapid.T) any { return drawExperimental(t) }),
	"Unknown":      rapid.Custom(func(t *rapid.T) any { return drawUnknown(t) }),
}

func flag(t *rapid.T, label string) bool { return rapid.Bool().Draw(t, label) }

func drawKey(t *rapid.T, label string) wire.Key { return wire.Key(rapid.Uint64().Draw(t, label)) }

func drawBytes(t *rapid.T, label string, n int) []byte {
	return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, label)
}

func drawCapable(t *rapid.T) *wire.MPCapable {
	m := &wire.MPCapable{
		Version: wire.Version(rapid.IntRange(0, 15).Draw(t, "version")),
		Flags:   wire.CapableFlags(rapid.Byte().Draw(t, "flags")),
	}
	parts := rapid.IntRange(0, 4).Draw(t, "parts")
	if m.Version == wire.V0 {
		parts = 1 + parts%2
	}
	if parts >= 1 {
		m.HasSenderKey, m.SenderKey = true, drawKey(t, "sender")
	}
	if parts >= 2 {
		m.HasReceiverKey, m.ReceiverKey = true, drawKey(t, "receiver")
	}
	if parts >= 3 {
		m.HasData, m.DataLength = true, rapid.Uint16().Draw(t, "length")
	}
	if parts == 4 {
		m.HasChecksum, m.Checksum = true, rapid.Uint16().Draw(t, "checksum")
	}
	return m
}

func drawJoin(t *rapid.T) *wire.MPJoin {
	j := &wire.MPJoin{Form: rapid.SampledFrom([]wire.JoinForm{wire.JoinSYN, wire.JoinSYNACK, wire.JoinACK}).Draw(t, "form")}
	copy(j.TruncatedHMAC(), drawBytes(t, "hmac", j.HMACLen()))
	if j.Form == wire.JoinACK {
		return j
	}
	j.Backup, j.AddressID = flag(t, "backup"), rapid.Byte().Draw(t, "id")
	j.Nonce = rapid.Uint32().Draw(t, "nonce")
	if j.Form == wire.JoinSYN {
		j.Token = wire.Token(rapid.Uint32().Draw(t, "token"))
	}
	return j
}

func drawDSS(t *rapid.T) *wire.DSS {
	d := &wire.DSS{HasAck: flag(t, "ack"), HasMap: flag(t, "map"), DataFIN: flag(t, "fin")}
	if d.HasAck {
		d.Ack64 = flag(t, "ack64")
		d.DataAck = drawSequence(t, "data ack", d.Ack64)
	}
	if !d.HasMap {
		return d
	}
	d.DSN64 = flag(t, "dsn64")
	d.DSN = drawSequence(t, "dsn", d.DSN64)
	d.SSN, d.Length = rapid.Uint32().Draw(t, "ssn"), rapid.Uint16().Draw(t, "length")
	if flag(t, "has checksum") {
		d.HasChecksum, d.Checksum = true, rapid.Uint16().Draw(t, "checksum")
	}
	return d
}

func drawSequence(t *rapid.T, label string, wide bool) uint64 {
	if wide {
		return rapid.Uint64().Draw(t, label)
	}
	return uint64(rapid.Uint32().Draw(t, label))
}

func drawAddAddr(t *rapid.T) *wire.AddAddr {
	a := &wire.AddAddr{
		Version:   wire.Version(rapid.IntRange(0, 1).Draw(t, "version")),
		AddressID: rapid.Byte().Draw(t, "id"),
		Addr:      netip.AddrFrom4([4]byte(drawBytes(t, "v4", 4))),
	}
	if flag(t, "v6") {
		a.Addr = netip.AddrFrom16([16]byte(drawBytes(t, "v6", 16)))
	}
	if flag(t, "has port") {
		a.HasPort, a.Port = true, rapid.Uint16().Draw(t, "port")
	}
	if a.Version == wire.V1 {
		a.Echo = flag(t, "echo")
		a.HasHMAC = !a.Echo
	}
	if a.HasHMAC {
		a.HMAC = [8]byte(drawBytes(t, "hmac", 8))
	}
	return a
}

func drawRemoveAddr(t *rapid.T) *wire.RemoveAddr {
	ids := rapid.SliceOfN(rapid.Byte(), 1, 37).Draw(t, "ids")
	r := &wire.RemoveAddr{Count: uint8(len(ids))}
	copy(r.IDs[:], ids)
	return r
}

func drawPrio(t *rapid.T) *wire.MPPrio {
	p := &wire.MPPrio{Backup: flag(t, "backup"), HasAddressID: flag(t, "has id")}
	if p.HasAddressID {
		p.AddressID = rapid.Byte().Draw(t, "id")
	}
	return p
}

func drawRst(t *rapid.T) *wire.MPTCPRst {
	return &wire.MPTCPRst{
		U: flag(t, "u"), V: flag(t, "v"), W: flag(t, "w"), Transient: flag(t, "transient"),
		Reason: wire.ResetReason(rapid.Byte().Draw(t, "reason")),
	}
}

func drawExperimental(t *rapid.T) *wire.Experimental {
	return &wire.Experimental{
		Nibble: uint8(rapid.IntRange(0, 15).Draw(t, "nibble")),
		Body:   rapid.SliceOfN(rapid.Byte(), 0, 37).Draw(t, "body"),
	}
}

func drawUnknown(t *rapid.T) *wire.Unknown {
	return &wire.Unknown{
		Subtype: wire.Subtype(rapid.IntRange(9, 14).Draw(t, "subtype")),
		Nibble:  uint8(rapid.IntRange(0, 15).Draw(t, "nibble")),
		Body:    rapid.SliceOfN(rapid.Byte(), 0, 37).Draw(t, "body"),
	}
}
