package oracle_test

import (
	"fmt"
	"math/rand/v2"
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
	"MP_CAPABLE 12": {4: {"keys", "hmac", "idsn", "token"}},
	"MP_CAPABLE 20": {4: {"keys", "idsn"}},
	"MP_CAPABLE 22": {4: {"keys"}, 20: {"mapping_to_server"}},
	"MP_CAPABLE 24": {4: {"keys"}, 20: {"mapping_to_server", "checksum"}, 22: {"checksum"}},
	"MP_JOIN 12":    {4: {"is of no connection here", "has the token"}, 8: {"hmac_syn_ack"}},
	"MP_JOIN 16":    {4: {"hmac_syn_ack"}},
	"MP_JOIN 24":    {4: {"hmac_ack"}},
	"ADD_ADDR 16":   {3: {"HMAC of an ADD_ADDR"}},
	"ADD_ADDR 18":   {3: {"HMAC of an ADD_ADDR"}},
	"ADD_ADDR 28":   {3: {"HMAC of an ADD_ADDR"}},
	"ADD_ADDR 30":   {3: {"HMAC of an ADD_ADDR"}},
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

// TestAlteredFields alters each byte of the MPTCP options of captures, one bit of it at
// a time. What a capture holds a second account of has to be named.
func TestAlteredFields(t *testing.T) {
	counts := map[string]int{}
	everyScene(t, func(t *testing.T, r *recording) {
		if len(r.packets) > 250 {
			return // The features are in the others; these are for what takes long.
		}
		dice := rand.New(rand.NewPCG(1, uint64(len(r.packets))))
		before := r.report.Verdict.Reasons
		for number := range r.packets {
			eachOption(&r.packets[number], func(option wire.Option) {
				kind := fmt.Sprintf("%s %d", option.Subtype(), len(option))
				for at := 2; at < len(option); at++ {
					if option.Subtype() == wire.SubtypeDSS && dice.IntN(24) > 0 {
						continue
					}
					want := blame(option, at)
					bit := byte(1) << dice.IntN(8)
					option[at] ^= bit
					altered := analyze(r.links, r.packets)
					option[at] ^= bit
					news := strings.Join(newReasons(before, altered.Verdict.Reasons), "; ")
					if want == nil {
						counts[fmt.Sprintf("%s byte %d noticed %v", kind, at, news != "")]++
						continue
					}
					counts[kind]++
					if !slices.ContainsFunc(want, func(name string) bool { return strings.Contains(news, name) }) {
						t.Errorf("packet %d, %v, bit %#02x of byte %d altered: %q names none of %q", number+1, option, bit, at, news, want)
					}
				}
			})
		}
	})
	for kind, n := range counts {
		t.Log(kind, n)
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
