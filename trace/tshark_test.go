package trace_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/trace"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// captured is a packet as it goes into a file.
type captured struct {
	name     string
	linktype uint16
	packet   trace.Packet
}

// writeFile writes a pcapng file with an interface for each link type.
func writeFile(t *testing.T, packets []captured) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "forms.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var writer *pcapgo.NgWriter
	interfaces := map[uint16]int{}
	for i, p := range packets {
		index, known := interfaces[p.linktype]
		if !known {
			iface := pcapgo.NgInterface{LinkType: layers.LinkType(p.linktype), SnapLength: 1 << 18, TimestampResolution: 9}
			if writer == nil {
				writer, err = pcapgo.NewNgWriterInterface(file, iface, pcapgo.DefaultNgWriterOptions)
			} else {
				index, err = writer.AddInterface(iface)
			}
			if err != nil {
				t.Fatal(err)
			}
			interfaces[p.linktype] = index
		}
		info := gopacket.CaptureInfo{
			Timestamp: time.Unix(int64(i), 0), InterfaceIndex: index,
			CaptureLength: len(p.packet.Data), Length: p.packet.Length,
		}
		if err := writer.WritePacket(info, p.packet.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// missing ends a test for want of a program.
func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("ALLROADS_REQUIRE_KERNEL") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// tshark returns what tshark says of each packet, as the fields of judged.
func tshark(t *testing.T, path string) []string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		missing(t, err)
	}
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=l",
		"-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"}
	for _, field := range strings.Fields("_ws.col.Source tcp.srcport _ws.col.Destination tcp.dstport " +
		"tcp.seq_raw tcp.ack_raw tcp.flags tcp.window_size_value tcp.len tcp.options tcp.payload") {
		args = append(args, "-e", field)
	}
	command := exec.Command(program, args...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, complaints.String())
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// judged writes a segment as tshark does, which has no length in a fragment.
func judged(s *trace.Segment) string {
	length := ""
	if !s.Fragment {
		length = strconv.Itoa(s.PayloadLen)
	}
	return fmt.Sprintf("%s|%d|%s|%d|%d|%d|%02x|%d|%s|%x|%x", s.Src.Addr(), s.Src.Port(), s.Dst.Addr(), s.Dst.Port(),
		s.Seq, s.Ack, uint8(s.Flags), s.Window, length, s.Options, s.Payload)
}

// lowFlags takes the reserved bits, and the one of accurate ECN, out of
// tshark's flags.
func lowFlags(line string) string {
	fields := strings.Split(line, "|")
	if flags, err := strconv.ParseUint(strings.TrimPrefix(fields[6], "0x"), 16, 16); err == nil {
		fields[6] = fmt.Sprintf("%02x", flags&0xff)
	}
	return strings.Join(fields, "|")
}

// TestLikeTshark has tshark decode every form, in whole and cut.
func TestLikeTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("runs tshark")
	}
	var packets []captured
	everyForm(t, func(t *testing.T, p trace.Packet, plain trace.Segment, link linkForm, form ipForm) {
		if tsharkCannot(t, &p, link, form) {
			return
		}
		if len(packets)%7 == 0 { // A part of them is cut, in the payload or in the options.
			p.Data = p.Data[:len(p.Data)-min(len(p.Data), len(plain.Payload)+len(packets)%5)]
		}
		packets = append(packets, captured{link.name + ", " + form.name, link.linktype, p})
	})
	compareWithTshark(t, packets)
}

// tsharkCannot tells what tshark 4.0 has no notion of: the address families of
// Linux and Windows in front of IPv6, and IPv6 super-packets without a jumbo
// payload option.
func tsharkCannot(t *testing.T, p *trace.Packet, link linkForm, form ipForm) bool {
	t.Helper()
	foreign := link.name == "Linux loopback" || link.name == "Windows loopback"
	return foreign && isIPv6(p.Data[4:]) || form.name == "IPv6 of unknown length"
}

func compareWithTshark(t *testing.T, packets []captured) {
	t.Helper()
	lines := tshark(t, writeFile(t, packets))
	if len(lines) != len(packets) {
		t.Fatalf("tshark sees %d packets of %d", len(lines), len(packets))
	}
	decoded := 0
	for i, p := range packets {
		var s trace.Segment
		want := lowFlags(lines[i])
		switch err := s.Decode(&p.packet); {
		case err == nil:
			decoded++
			if got := judged(&s); got != want {
				t.Errorf("packet %d, %s:\nwe say      %.300s\ntshark says %.300s", i+1, p.name, got, want)
			}
		case err != trace.ErrCut && strings.Split(want, "|")[4] != "":
			t.Errorf("packet %d, %s: %v, but tshark sees %.300s", i+1, p.name, err, want)
		}
	}
	if decoded < len(packets)/2 {
		t.Errorf("%d of %d packets decoded", decoded, len(packets))
	}
}

// TestOddLikeTshark has tshark decode fragments, super-packets and routing
// headers.
func TestOddLikeTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("runs tshark")
	}
	var packets []captured
	add := func(name string, ip []byte, length int) {
		packets = append(packets, captured{name, 101, trace.Packet{Link: trace.Raw, Length: max(length, len(ip)), Data: ip}})
	}
	for _, ip := range fragmented() {
		for size := 32; size < 120; size += 8 {
			first, rest := fragment(ip, size)
			add("first fragment", first, 0)
			add("later fragment", rest, 0)
		}
	}
	four, six := fragmented()[0], fragmented()[1]
	jumbo := addHeader6(six, 0, 0, 0, 0xc2, 4, 0, 1, 0x86, 0xa0)
	add("IPv4 super-packet", zeroLength(four), 100_020)
	add("jumbogram", zeroLength(jumbo), 100_040)
	add("type 0", routed(six, 0, 2, "fd00::98", "fd00::99"), 0)
	add("type 2", routed(six, 2, 1, "fd00::99"), 0)
	add("segments", routed(six, 4, 1, "fd00::99", "fd00::98"), 0)
	compareWithTshark(t, packets)
}

// TestAlteredLikeTshark alters one byte of the headers of each form. Where such
// a packet contradicts itself tshark goes on with what it has; but what we decode
// must be what tshark sees.
func TestAlteredLikeTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("runs tshark")
	}
	var packets []captured
	dice := rand.New(rand.NewPCG(1, 2))
	everyForm(t, func(t *testing.T, p trace.Packet, plain trace.Segment, link linkForm, form ipForm) {
		if tsharkCannot(t, &p, link, form) {
			return
		}
		p.Data = bytes.Clone(p.Data)
		at := dice.IntN(len(p.Data) - len(plain.Payload))
		p.Data[at] ^= 1 << dice.IntN(8)
		packets = append(packets, captured{fmt.Sprintf("%s, %s, byte %d altered", link.name, form.name, at), link.linktype, p})
	})
	lines := tshark(t, writeFile(t, packets))
	decoded, same := 0, 0
	for i, p := range packets {
		var s trace.Segment
		if s.Decode(&p.packet) != nil {
			continue
		}
		decoded++
		got, want := headerFields(judged(&s)), headerFields(lowFlags(lines[i]))
		if got == want {
			same++
		} else if !strings.HasSuffix(want, "|||||") { // It gave up before TCP.
			t.Errorf("packet %d, %s:\nwe say      %s\ntshark says %s", i+1, p.name, got, want)
		}
	}
	if decoded < len(packets)/2 || same < decoded*98/100 {
		t.Errorf("of %d packets %d decoded, %d as tshark does", len(packets), decoded, same)
	}
}

// headerFields are those of judged that do not depend on lengths.
func headerFields(line string) string {
	return strings.Join(strings.Split(line, "|")[:8], "|")
}
