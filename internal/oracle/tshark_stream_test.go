package oracle_test

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"allroads/trace"
)

// streamFields are what tshark finds out about connections.
var streamFields = []string{
	"tcp.stream", "mptcp.stream", "mptcp.expected_token", "mptcp.expected_idsn",
	"mptcp.dss.dsn", "tcp.options.mptcp.rawdataseqno", "mptcp.reinjection_of",
}

// flows are the subflows of a report, by their ends, both ways.
type flows map[[2]netip.AddrPort]place

type place struct {
	connection *trace.Connection
	subflow    int
	toServer   bool
}

func flowsOf(r *trace.Report) flows {
	f := flows{}
	for i := range r.Connections {
		c := &r.Connections[i]
		for j := range c.Subflows {
			s := &c.Subflows[j]
			f[[2]netip.AddrPort{s.Client, s.Server}] = place{c, s.ID, true}
			f[[2]netip.AddrPort{s.Server, s.Client}] = place{c, s.ID, false}
		}
	}
	return f
}

// oneToOne holds that two ways to name things name the same ones.
type oneToOne [2]map[string]string

func (o *oneToOne) same(a, b string) bool {
	for i, pair := range [2][2]string{{a, b}, {b, a}} {
		if o[i] == nil {
			o[i] = map[string]string{}
		}
		if other, known := o[i][pair[0]]; known && other != pair[1] {
			return false
		}
		o[i][pair[0]] = pair[1]
	}
	return true
}

// TestConnectionsLikeTshark compares, for each packet of each scene, which connection
// and which subflow it is of, and where in the stream its mapping is.
func TestConnectionsLikeTshark(t *testing.T) {
	all, said := everyPacket(t, streamFields)
	grouped, placed := 0, 0
	for i, r := range all {
		known := flowsOf(r.report)
		var connections, subflows oneToOne
		for j := range r.packets {
			var s trace.Segment
			if s.Decode(&r.packets[j]) != nil {
				continue
			}
			at, found := known[[2]netip.AddrPort{s.Src, s.Dst}]
			if !found {
				t.Errorf("%s, packet %d is of no connection", r.scene.name, j+1)
				continue
			}
			l, id := said[i][j], strconv.Itoa(at.connection.ID)
			if !subflows.same(id+"/"+strconv.Itoa(at.subflow), one(l["tcp.stream"])) {
				t.Errorf("%s, packet %d is of subflow %d, stream %s by tshark", r.scene.name, j+1, at.subflow, l["tcp.stream"])
			}
			// It knows the connection from a key or a token on: not in the first SYN, nor
			// without MPTCP.
			if stream := one(l["mptcp.stream"]); stream != "" {
				grouped++
				if !connections.same(id, stream) {
					t.Errorf("%s, packet %d is of connection %s, %s by tshark", r.scene.name, j+1, id, stream)
				}
			}
			placed += r.samePlace(t, j, &at, l)
		}
	}
	if grouped < 3000 || placed < 1000 {
		t.Errorf("%d packets compared, %d mappings", grouped, placed)
	}
}

func one(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// samePlace compares tokens, first numbers, and a mapping's offset.
func (r *recording) samePlace(t *testing.T, number int, at *place, l line) (placed int) {
	t.Helper()
	side := map[bool]string{true: "client", false: "server"}[at.toServer]
	var tokens, numbers []string
	var base uint64
	for _, key := range at.connection.Keys {
		tokens = append(tokens, strconv.FormatUint(uint64(key.Token), 10))
		numbers = append(numbers, strconv.FormatUint(key.IDSN, 10))
		if key.Side == side {
			base = key.IDSN
		}
	}
	for _, token := range l["mptcp.expected_token"] {
		if !slices.Contains(tokens, token) {
			t.Errorf("%s, packet %d: token %s by tshark, none of %s", r.scene.name, number+1, token, tokens)
		}
	}
	for _, idsn := range l["mptcp.expected_idsn"] {
		if !slices.Contains(numbers, idsn) {
			t.Errorf("%s, packet %d: IDSN %s by tshark, none of %s", r.scene.name, number+1, idsn, numbers)
		}
	}
	raw, relative := one(l["tcp.options.mptcp.rawdataseqno"]), one(l["mptcp.dss.dsn"])
	if raw == "" || relative == "" || base == 0 {
		return 0
	}
	from, _ := strconv.ParseUint(raw, 10, 64)
	offset, _ := strconv.ParseUint(relative, 10, 64)
	if from-base != offset {
		t.Errorf("%s, packet %d: mapping of byte %d, %d by tshark", r.scene.name, number+1, from-base, offset)
	}
	return 1
}

// TestReinjectionsLikeTshark compares which packets bring data that another subflow
// had carried. What TCP sends again of that, tshark calls reinjected once more; here it
// is a retransmission.
func TestReinjectionsLikeTshark(t *testing.T) {
	all, said := everyPacket(t, streamFields)
	flagged := 0
	for i, r := range all {
		a, before, tcp := trace.New(r.links), uint64(0), uint64(0)
		for j := range r.packets {
			a.Add(&r.packets[j])
			sum, resent := elsewhere(a.Report())
			ours, theirs := sum > before, one(said[i][j]["mptcp.reinjection_of"])
			if ours != (theirs != "") && resent == tcp {
				t.Errorf("%s, packet %d brings %d bytes again; tshark: of packet %q", r.scene.name, j+1, sum-before, theirs)
			} else if ours {
				flagged++
			}
			before, tcp = sum, resent
		}
	}
	if flagged < 5 {
		t.Errorf("only %d packets were reinjected", flagged)
	}
}

// elsewhere is how much data was carried again on another subflow, and how much by TCP.
func elsewhere(r *trace.Report) (sum, resent uint64) {
	eachSubflow(r, func(s *trace.Subflow) {
		for _, of := range []*trace.Carried{&s.ToServer, &s.ToClient} {
			sum += of.Repeats.Reinjected + of.Repeats.Redundant
			resent += of.Retransmitted
		}
	})
	return sum, resent
}
