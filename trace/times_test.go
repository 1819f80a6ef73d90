package trace_test

import (
	"encoding/json"
	"math"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"

	"allroads/trace"
	"allroads/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// keyEndingNear finds a key whose first data sequence number has low 32 bits that are
// about to wrap around.
func keyEndingNear(t *testing.T, version wire.Version) wire.Key {
	t.Helper()
	for key := wire.Key(1); key < 1<<24; key++ {
		if uint32(version.IDSN(key)) > math.MaxUint32-4000 {
			return key
		}
	}
	t.Fatal("no such key")
	return 0
}

// TestNumbersWrap: sequence numbers of both levels wrap around at 2^32, where those
// of the data have 32 bits as in version 0, and some of 64.
func TestNumbersWrap(t *testing.T) {
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		s := newSession(version, false)
		s.keys[0] = keyEndingNear(t, version)
		s.redISN, s.blueISN = [2]uint32{math.MaxUint32 - 900, 5}, [2]uint32{math.MaxUint32 - 2900, 6}
		s.openRed()
		s.openBlue()
		payload := strings.Repeat("x", 1000)
		for i := range uint64(10) {
			path, ssn := int(i%2), 1+uint32(i/2)*1000
			dss := &wire.DSS{HasMap: true, DSN: uint64(uint32(s.base(0) + i*1000)), SSN: ssn, Length: 1000}
			s.sendDSS(path, 0, ssn, dss, payload)
			s.sendDSS(path, 1, 1, &wire.DSS{HasAck: true, DataAck: uint64(uint32(s.base(0) + (i+1)*1000))}, "")
		}
		s.data(0, 0, 5001, 10_000, payload)
		s.finish([2]uint64{11_000, 0})
		r := s.report(t)
		wantProven(t, r)
		if c := &r.Connections[0]; c.ToServer.Bytes != 11_000 || c.ToServer.AckedTo != 11_001 || c.ToServer.Unseen != 0 {
			t.Errorf("%v: %+v", version, c.ToServer)
		}
	}
}

// TestFourGiB: more than 2^32 bytes on one subflow, in super-packets.
func TestFourGiB(t *testing.T) {
	s := open(wire.V1, false)
	a := trace.New(redBlue)
	for i := range s.packets {
		a.Add(&s.packets[i])
	}
	const size, count = 60_000, 75_000
	for i := range uint64(count) {
		ssn := 1 + uint32(i*size)
		dss := wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + i*size, SSN: ssn, Length: size}
		data := frame(s.red[0], s.red[1], s.redISN[0]+ssn, 0, trace.ACK, wire.AppendDSS(nil, &dss), nil)
		headers := len(data) - 14
		data[16], data[17] = byte((headers+size)>>8), byte((headers+size)&0xff)
		a.Add(&trace.Packet{Time: int64(i+100) * 1e6, Length: len(data) + size, Data: data})
		ack := frame(s.red[1], s.red[0], s.redISN[1]+1, s.redISN[0]+ssn+size, trace.ACK,
			wire.AppendDSS(nil, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(0) + (i+1)*size}), nil)
		a.Add(&trace.Packet{Time: int64(i+100)*1e6 + 1e5, Length: len(ack), Data: ack})
	}
	c := &a.Report().Connections[0]
	red := &c.Subflows[0].ToServer
	if c.ToServer.Bytes != size*count || red.Bytes != size*count || red.Acknowledged != size*count || red.Resent != 0 || c.ToServer.AckedTo != size*count {
		t.Errorf("%+v, %+v", c.ToServer, red)
	}
	for _, check := range c.Checks {
		if strings.HasPrefix(check.Name, "mapping") && check.Status != trace.OK {
			t.Errorf("%+v", check)
		}
	}
}

// TestClockGoesBack: no time that something took is negative, and bytes are the same.
func TestClockGoesBack(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	want := &analyze(packets).Connections[0]
	for i := range packets {
		packets[i].Time -= int64(i/10%3) * 1e9
	}
	r := follow(trace.Options{Chart: 10}, packets)
	coherent(t, r)
	if c := &r.Connections[0]; c.ToServer.Bytes != want.ToServer.Bytes || c.Establishment < 0 {
		t.Errorf("%+v", c)
	}
	for i := range r.Connections[0].Subflows {
		flow := &r.Connections[0].Subflows[i]
		for _, of := range []*trace.Carried{&flow.ToServer, &flow.ToClient} {
			if of.RTT.Max < 0 || of.Stale.Total < 0 || of.Goodput < 0 || flow.Idle.Duration < 0 || of.RTT.Handshake < 0 {
				t.Errorf("%+v", of)
			}
		}
	}
}

// TestTokenUsedAgain: a token of a connection that is over, or of one that is not, is
// the newest one's.
func TestTokenUsedAgain(t *testing.T) {
	for _, ended := range []bool{true, false} {
		s := newSession(wire.V1, false)
		s.openRed()
		s.data(0, 0, 1, 0, "hello ")
		if ended {
			s.finish([2]uint64{6, 0})
			s.close(0)
		}
		s.red[0] = s.blue[0] // the same keys on other addresses
		s.redISN, s.next = [2]uint32{100, 200}, [2][2]uint32{}
		s.openRed()
		s.blue[0] = s.blue[1]
		s.blue[1] = s.red[1]
		s.openBlue()
		s.data(0, 0, 1, 0, "again ")
		s.data(1, 0, 1, 6, "world")
		r := s.report(t)
		if len(r.Connections) != 2 || len(r.Connections[0].Subflows) != 1 || len(r.Connections[1].Subflows) != 2 || r.Connections[1].ToServer.Bytes != 11 {
			t.Errorf("ended %v: %+v", ended, r.Connections)
		}
	}
}

// TestWrapped: VLAN tags and tunnels around the packets change nothing.
func TestWrapped(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	want := analyze(packets)
	for name, wrap := range map[string]func(b []byte) []byte{
		"VLAN": func(b []byte) []byte {
			return append(append(append([]byte{}, b[:12]...), 0x81, 0, 0, 7), b[12:]...)
		},
		"GRE": func(b []byte) []byte {
			inner := len(b) - 14
			outer := append(append([]byte{}, b[:14]...), 0x45, 0, byte((inner+24)>>8), byte(inner+24), 0, 0, 0, 0, 64, 47, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2)
			return append(append(outer, 0, 0, 8, 0), b[14:]...)
		},
	} {
		wrapped := clone(packets)
		for i := range wrapped {
			wrapped[i].Data = wrap(wrapped[i].Data)
			wrapped[i].Length = len(wrapped[i].Data)
		}
		got := analyze(wrapped)
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestUnknownIsNull: what is not known is null in JSON, and comes back as unknown.
func TestUnknownIsNull(t *testing.T) {
	b, err := json.Marshal(&trace.Connection{Establishment: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"establishment":5`, `"second_subflow":null`, `"version":null`, `"goodput":null`, `"handover":null`, `"fallback":null`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
	var c trace.Connection
	if err := json.Unmarshal(b, &c); err != nil || c.Establishment != 5 || c.SecondSubflow != 0 || c.Version != nil {
		t.Errorf("%v: %+v", err, c)
	}
}

// TestFieldsAreDocumented looks for each field of the JSON in its documentation.
func TestFieldsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/reference/report-json.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	var visit func(of reflect.Type)
	visit = func(of reflect.Type) {
		for of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			field := of.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" || name == "-" {
				continue
			}
			if !strings.Contains(string(doc), "`"+name+"`") {
				t.Errorf("%s of %s is not documented", name, of)
			}
			visit(field.Type)
		}
	}
	visit(reflect.TypeFor[trace.Report]())
	if len(seen) < 15 {
		t.Errorf("only %v", seen)
	}
}
