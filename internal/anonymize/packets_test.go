package anonymize

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"allroads/lab"
	"allroads/trace"
)

func TestMain(m *testing.M) { lab.Main(m) }

// twoPaths is a capture of our own demo, of 100,012 bytes over two paths.
const twoPaths = "../../trace/testdata/two-paths.pcapng.gz"

// readPackets reads a capture file.
func readPackets(t testing.TB, path string) (packets []trace.Packet, interfaces []trace.Interface) {
	t.Helper()
	file, err := trace.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for {
		var p trace.Packet
		err := file.Next(&p)
		if errors.Is(err, io.EOF) {
			return packets, slices.Clone(file.Interfaces())
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Data = bytes.Clone(p.Data)
		packets = append(packets, p)
	}
}

// testRewriter has a known secret.
func testRewriter(t testing.TB, seed string, o Options) *rewriter {
	t.Helper()
	secret, err := newSecret([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	return newRewriter(secret, o)
}

// rewriteAll rewrites packets, at the times that they have. All have to be understood.
func rewriteAll(t testing.TB, r *rewriter, packets []trace.Packet) (out []trace.Packet) {
	t.Helper()
	for i := range packets {
		r.learn(&packets[i])
	}
	r.table.again()
	for i, p := range packets {
		data, err := r.rewrite(&p)
		if err != nil {
			t.Fatalf("packet %d: %v: %x", i+1, err, p.Data)
		}
		p.Data = bytes.Clone(data)
		out = append(out, p)
	}
	return out
}

// cutPayload takes off what is behind the TCP headers, and packets that are not TCP.
func cutPayload(t testing.TB, packets []trace.Packet) (out []trace.Packet) {
	t.Helper()
	for _, p := range packets {
		var s trace.Segment
		if s.Decode(&p) != nil {
			continue
		}
		if len(s.Payload) > 0 {
			p.Data = p.Data[:cap(p.Data)-cap(s.Payload)] // Both are of one array.
		}
		out = append(out, p)
	}
	return out
}

// fileOf writes packets to a pcapng file, each interface of one link type.
func fileOf(t testing.TB, packets []trace.Packet, interfaces []trace.Interface) string {
	t.Helper()
	var b bytes.Buffer
	f := newFile(&b, interfaces)
	for _, p := range packets {
		if err := f.packet(p.Time, p.Interface, p.Data, p.Length); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	return save(t, b.Bytes())
}

func save(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "capture.pcapng")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// ethernetTCP is a segment in an Ethernet frame.
func ethernetTCP(src, dst []byte, sport, dport uint16, seq, ack uint32, flags trace.TCPFlags, options, payload []byte) []byte {
	for len(options)%4 != 0 {
		options = append(options, 1)
	}
	tcp := binary.BigEndian.AppendUint16(nil, sport)
	tcp = binary.BigEndian.AppendUint16(tcp, dport)
	tcp = binary.BigEndian.AppendUint32(tcp, seq)
	tcp = binary.BigEndian.AppendUint32(tcp, ack)
	tcp = append(tcp, byte(5+len(options)/4)<<4, byte(flags), 0x10, 0, 0xab, 0xcd, 0, 0)
	tcp = slices.Concat(tcp, options, payload)
	ethernet := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0}
	if len(src) == 16 {
		ethernet[12], ethernet[13] = 0x86, 0xdd
		ip := append([]byte{0x60, 0, 0, 0}, binary.BigEndian.AppendUint16(nil, uint16(len(tcp)))...)
		return slices.Concat(ethernet, ip, []byte{6, 64}, src, dst, tcp)
	}
	ip := append([]byte{0x45, 0}, binary.BigEndian.AppendUint16(nil, uint16(20+len(tcp)))...)
	ip = slices.Concat(ip, []byte{0x12, 0x34, 0x40, 0, 64, 6, 0, 0}, src, dst)
	binary.BigEndian.PutUint16(ip[10:], finish(add(0, ip)))
	return slices.Concat(ethernet, ip, tcp)
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
