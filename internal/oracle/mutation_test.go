package oracle_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// blamed are the names of which one has to be in the verdict when a byte of an option
// is altered, by option and length as on the wire (RFC 8684, section 3), and by the
// first byte of the field. What is not here, nothing else in a capture speaks of; see
// unspoken.
var blamed = map[string]map[int][]string{
	"MP_CAPABLE 12":   {4: {"keys", "hmac", "idsn", "token"}},
	"MP_CAPABLE 20":   {4: {"keys", "idsn"}},
	"MP_CAPABLE 22":   {4: {"keys"}, 20: {"mapping_to_server"}},
	"MP_CAPABLE 24":   {4: {"keys"}, 20: {"mapping_to_server", "checksum"}, 22: {"checksum"}},
	"MP_JOIN 12":      {4: {"is of no connection here", "has the token"}, 8: {"hmac_syn_ack"}},
	"MP_JOIN 16":      {4: {"hmac_syn_ack"}},
	"MP_JOIN 24":      {4: {"hmac_ack"}},
	"ADD_ADDR 16":     {3: {"HMAC of an ADD_ADDR"}},
	"ADD_ADDR 18":     {3: {"HMAC of an ADD_ADDR"}},
	"ADD_ADDR 28":     {3: {"HMAC of an ADD_ADDR"}},
	"ADD_ADDR 30":     {3: {"HMAC of an ADD_ADDR"}},
	"MP_FASTCLOSE 12": {4: {"key of an MP_FASTCLOSE"}},
}

// blame is what has to be named when a byte of an option is altered.
func blame(option wire.Option, at int) []string {
	fields, from := blamed[fmt.Sprintf("%s %d", option.Subtype(), len(option))], -1
	var found []string
	for first, names := range fields {
		if first <= at && first > from {
			found, from = names, first
		}
	}
	if option.Subtype() == wire.SubtypeDSS {
		return blameDSS(option, at)
	}
	return found
}

func blameDSS(option wire.Option, at int) []string {
	var dss wire.DSS
	if wire.ParseDSS(option, &dss) != nil || !dss.HasMap {
		return nil
	}
	from := 4
	if dss.HasAck {
		from += 4
		if dss.Ack64 {
			from += 4
		}
	}
	if at < from {
		return nil
	}
	return []string{"mapping_to_", "data_fin_to_", "idsn_to_", "checksum", "infinite mapping", "data_ack_to_"}
}

// unspoken reports whether nothing else in a scene's capture speaks of an option that
// blamed is about.
func unspoken(name string, option wire.Option) bool {
	var dss wire.DSS
	switch option.Subtype() {
	case wire.SubtypeMPJoin: // Its SYN had no answer; where the token is right.
		return name == "join of an unknown token"
	case wire.SubtypeDSS: // The checksum of an infinite mapping is of nothing.
		return wire.ParseDSS(option, &dss) == nil && dss.InfiniteMapping()
	}
	return false
}

// longest is how many packets a scene has at most whose fields are altered: the features
// are in the short ones.
const longest = 250

// TestAlteredFields alters each byte of the MPTCP options of captures, one bit of it at
// a time; of the many DSS, some. What a capture holds a second account of has to be
// named.
func TestAlteredFields(t *testing.T) {
	tried := map[string]int{}
	everyScene(t, func(t *testing.T, r *recording) {
		if len(r.packets) > longest {
			return
		}
		a := &alteration{t: t, r: r, dice: rand.New(rand.NewPCG(1, uint64(len(r.packets)))), tried: tried}
		over := afterReset(r.packets)
		for number := range r.packets {
			if !over[number] {
				eachOption(&r.packets[number], func(option wire.Option) { a.alter(number, option) })
			}
		}
	})
	for kind := range blamed {
		if tried[kind] == 0 {
			t.Errorf("no field of %s was altered", kind)
		}
	}
	if tried["DSS 26"] < 100 || tried["DSS 28"] < 30 {
		t.Errorf("%d fields of DSS altered, %d where they have checksums", tried["DSS 26"], tried["DSS 28"])
	}
}

// afterReset are packets that come when their subflow was reset, from who has not heard
// of it yet: nothing is made of them.
func afterReset(packets []trace.Packet) map[int]bool {
	over, resets := map[int]bool{}, map[[2]netip.AddrPort]bool{}
	for number := range packets {
		var s trace.Segment
		if s.Decode(&packets[number]) != nil {
			continue
		}
		if s.Flags&trace.SYN != 0 {
			delete(resets, [2]netip.AddrPort{s.Src, s.Dst})
		}
		over[number] = resets[[2]netip.AddrPort{s.Src, s.Dst}]
		if s.Flags&trace.RST != 0 {
			resets[[2]netip.AddrPort{s.Dst, s.Src}] = true
		}
	}
	return over
}

type alteration struct {
	t     *testing.T
	r     *recording
	dice  *rand.Rand
	tried map[string]int // by option and length
}

func (a *alteration) alter(number int, option wire.Option) {
	kind := fmt.Sprintf("%s %d", option.Subtype(), len(option))
	for at := 2; at < len(option); at++ {
		want := blame(option, at)
		if want == nil || option.Subtype() == wire.SubtypeDSS && a.dice.IntN(16) > 0 || unspoken(a.r.scene.name, option) {
			continue
		}
		bit := byte(1) << a.dice.IntN(8)
		option[at] ^= bit
		altered := analyze(a.r.links, a.r.packets)
		option[at] ^= bit
		a.tried[kind]++
		if s := option.Subtype(); s == wire.SubtypeMPCapable || s == wire.SubtypeMPJoin {
			want = append(slices.Clone(want), "was sent again, but is another") // where it was
		}
		news := strings.Join(newReasons(a.r.report.Verdict.Reasons, altered.Verdict.Reasons), "; ")
		if !slices.ContainsFunc(want, func(name string) bool { return strings.Contains(news, name) }) {
			a.t.Errorf("packet %d, %v, bit %#02x of byte %d altered: %q names none of %q", number+1, option, bit, at, news, want)
		}
	}
}

// TestAlteredSignals alters the fields that nothing else speaks of, but which the report
// tells: their events.
func TestAlteredSignals(t *testing.T) {
	for name, kind := range map[string]wire.Subtype{
		"priority": wire.SubtypeMPPrio, "withdrawn": wire.SubtypeRemoveAddr, "payload rewritten": wire.SubtypeMPFail,
		"announced": wire.SubtypeAddAddr, "announced with a port over IPv6": wire.SubtypeAddAddr,
	} {
		r, tried := recorded(t, sceneOf(name)), 0
		before := fmt.Sprint(r.report.Connections[0].Events)
		for number := range r.packets {
			eachOption(&r.packets[number], func(option wire.Option) {
				if option.Subtype() != kind {
					return
				}
				bit, at := byte(0x20), len(option)-1 // of an identifier, a number or an address
				switch {
				case kind == wire.SubtypeMPPrio:
					bit = 1
				case kind == wire.SubtypeAddAddr:
					at = 4
				}
				option[at] ^= bit
				after := fmt.Sprint(analyze(r.links, r.packets).Connections[0].Events)
				option[at] ^= bit
				if tried++; after == before {
					t.Errorf("%s, packet %d, %v: byte %d altered, and the events are the same", name, number+1, option, at)
				}
			})
		}
		if tried == 0 {
			t.Errorf("%s: nothing altered", name)
		}
	}
}

// newReasons are those that were not there before.
func newReasons(before, after []string) (fresh []string) {
	for _, reason := range after {
		if !slices.Contains(before, reason) {
			fresh = append(fresh, reason)
		}
	}
	return fresh
}

// eachOption calls visit with each MPTCP option of a packet: the bytes in the packet
// itself.
func eachOption(p *trace.Packet, visit func(wire.Option)) {
	var s trace.Segment
	if s.Decode(p) != nil {
		return
	}
	for rest := s.Options; ; {
		option, next, err := wire.Next(rest)
		if err != nil || option == nil {
			return
		}
		visit(option)
		rest = next
	}
}
