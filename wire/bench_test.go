package wire_test

import (
	"testing"

	"allroads/wire"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Parsing speed of one option of each kind, and of a malformed one.
func BenchmarkParse(b *testing.B) {
	for _, bb := range []struct{ name, raw string }{
		{"MPCapable", "1e1801816acc3bac469275126895e1f24408c7dd0010a7f8"},
		{"MPJoin", "1e18100094d6b9344100fd73a3e86f866ecdf4846d0f2f55"},
		{"DSS", "1e1c200f7ce6ef1759e19f9a4ed7380ac93d15be000000110010a6d8"},
		{"DSSAck", "1e0c20035a7c0f341b6fd9c4"},
		{"DSSMalformed", "1e0d20035a7c0f341b6fd9c400"},
		{"AddAddr", "1e1e3008fd070002000000000000000000000002115df80e8fa13930ccb5"},
		{"RemoveAddr", "1e074006151617"},
		{"MPPrio", "1e0350"},
		{"MPFail", "1e0c60008861a57dd459fd17"},
		{"MPFastClose", "1e0c7000006610879e14a992"},
		{"MPTCPRst", "1e048006"},
	} {
		raw := wire.Option(unhex(b, bb.raw))
		b.Run(bb.name, func(b *testing.B) {
			var s sink
			b.ReportAllocs()
			for b.Loop() {
				_ = s.parse(raw)
			}
		})
	}
}

func BenchmarkParseDSS(b *testing.B) {
	raw := unhex(b, "1e1c200f7ce6ef1759e19f9a4ed7380ac93d15be000000110010a6d8")
	var d wire.DSS
	b.ReportAllocs()
	for b.Loop() {
		_ = wire.ParseDSS(raw, &d)
	}
}

func BenchmarkAppendDSS(b *testing.B) {
	d := wire.DSS{HasAck: true, Ack64: true, DataAck: 1, HasMap: true, DSN64: true, DSN: 2, SSN: 3, Length: 4}
	buf := make([]byte, 0, 40)
	b.ReportAllocs()
	for b.Loop() {
		_ = wire.AppendDSS(buf, &d)
	}
}

// The options of one data segment (NOP, NOP, timestamps, DSS): find the DSS and parse it. BenchmarkGopacketTCP
// does the same with gopacket's TCP layer, which reads the TCP header as well.
func BenchmarkSegment(b *testing.B) {
	options := unhex(b, segmentOptions)
	var d wire.DSS
	b.ReportAllocs()
	for b.Loop() {
		for opt, rest, _ := wire.Next(options); opt != nil; opt, rest, _ = wire.Next(rest) {
			if opt.Subtype() == wire.SubtypeDSS {
				_ = wire.ParseDSS(opt, &d)
			}
		}
	}
}

const segmentOptions = "0101080a0000000100000001" + "1e1a200f5a7c0f341b6fd9c41c818c8b847a5135000000010013" + "0101"

func BenchmarkGopacketTCP(b *testing.B) {
	segment := append(tcpHeader(40), unhex(b, segmentOptions)...)
	var tcp layers.TCP
	b.ReportAllocs()
	for b.Loop() {
		if err := tcp.DecodeFromBytes(segment, gopacket.NilDecodeFeedback); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkString(b *testing.B) {
	raw := wire.Option(unhex(b, "1e1c200f7ce6ef1759e19f9a4ed7380ac93d15be000000110010a6d8"))
	b.ReportAllocs()
	for b.Loop() {
		_ = raw.String()
	}
}

func BenchmarkToken(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = wire.V1.Token(1)
	}
}

func BenchmarkJoinHMAC(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = wire.V1.JoinHMAC(1, 2, 3, 4)
	}
}

func BenchmarkChecksum(b *testing.B) {
	payload := make([]byte, 1400)
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		_ = wire.Checksum(1, 2, 1400, payload)
	}
}
