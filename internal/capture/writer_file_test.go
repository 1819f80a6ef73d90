package capture

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// differing are interfaces of all kinds.
var differing = []FileInterface{
	{Name: "eth0", Description: "a card", Comment: "the cable", Link: 1, SnapLen: 118},
	{Description: "all of them", Link: 276},
	{Name: "tun0", Link: 101, SnapLen: 0xffffffff, Drops: 3, DropsKnown: true},
}

// datagram is a datagram of UDP without data, to 192.0.2.2 from 192.0.2.1.
var datagram = []byte{
	0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
	0x12, 0x34, 0, 53, 0, 8, 0, 0,
}

// differingFile has the last interface described behind the first packet.
func differingFile(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewFileWriter(&file, differing[:2])
	if err != nil {
		t.Fatal(err)
	}
	eth := append([]byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00"), datagram...)
	sll2 := append([]byte("\x08\x00\x00\x00\x00\x00\x00\x07\x00\x01\x04\x06\x02\x00\x00\x00\x00\x01\x00\x00"), datagram...)
	for i, data := range [][]byte{eth, sll2, datagram} {
		if i == 2 {
			if n, err := w.AddInterface(differing[2]); n != 2 || err != nil {
				t.Fatalf("AddInterface: %d, %v", n, err)
			}
		}
		if err := w.Write(&Packet{Time: 1700000000_000000000 + int64(i), Interface: i, Data: data, Length: len(data)}); err != nil {
			t.Fatal(err)
		}
	}
	w.Dropped(1, 7)
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	if w.Size() != int64(file.Len()) {
		t.Errorf("Size: %d, of %d", w.Size(), file.Len())
	}
	return file.Bytes()
}

func TestFileWriterReadBack(t *testing.T) {
	f, err := NewFile(bytes.NewReader(differingFile(t)), "")
	if err != nil {
		t.Fatal(err)
	}
	packets, err := readPackets(f)
	if err != io.EOF || len(packets) != 3 || packets[2].Interface != 2 || packets[2].Time != 1700000000_000000002 {
		t.Errorf("%d packets, %v: %+v", len(packets), err, packets)
	}
	var want []FileInterface
	for _, i := range differing {
		i.Comment, i.Resolution = "", time.Nanosecond
		want = append(want, i)
	}
	want[1].Drops, want[1].DropsKnown = 7, true
	if diff := cmp.Diff(want, f.Interfaces()); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
}

func TestFileWriterReadByTshark(t *testing.T) {
	name := saveBytes(t, differingFile(t))
	got := tshark(t, name, "-T", "fields", "-E", "separator=|", "-e", "frame.interface_name", "-e", "frame.interface_description",
		"-e", "frame.time_epoch", "-e", "frame.protocols", "-e", "ip.dst")
	want := []string{
		"eth0|a card|1700000000.000000000|eth:ethertype:ip:udp|192.0.2.2",
		"all of them|all of them|1700000000.000000001|sll:ethertype:ip:udp|192.0.2.2",
		"tun0||1700000000.000000002|raw:ip:udp|192.0.2.2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +tshark\n%s", diff)
	}
	const field = "pcapng.options.option.data."
	got = tshark(t, name, "-X", "read_format:MIME Files Format", "-T", "fields", "-E", "separator=|",
		"-e", field+"interface.dropped_by_os", "-e", field+"interface.delivered_to_user", "-e", field+"comment")
	if diff := cmp.Diff([]string{"7,3|1,1,1|the cable"}, got); diff != "" {
		t.Errorf("-want +tshark\n%s", diff)
	}
}

// TestFileWriterReadByTcpdump has two interfaces that are not Ethernet. (They are not
// raw IP, either, of which libpcap takes one only: it compares 101, as files have
// it, with 12, as programs do.)
func TestFileWriterReadByTcpdump(t *testing.T) {
	var file bytes.Buffer
	w, err := NewFileWriter(&file, []FileInterface{{Name: "tun0", Link: 113, SnapLen: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(FileInterface{Name: "tun1", Link: 113, SnapLen: 2000}); err != nil {
		t.Fatal(err)
	}
	cooked := append([]byte("\x00\x04\xff\xfe\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00"), datagram...)
	for i := range 2 {
		if err := w.Write(&Packet{Time: 1700000000_000000001, Interface: i, Data: cooked, Length: len(cooked)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	got := runTcpdump(t, "-r", saveBytes(t, file.Bytes()), "-tt", "-n", "-q", "--nano")
	const line = "1700000000.000000001 IP 192.0.2.1.4660 > 192.0.2.2.53: UDP, length 0"
	if diff := cmp.Diff([]string{line, line}, got); diff != "" {
		t.Errorf("-want +tcpdump\n%s", diff)
	}
}

func TestFileWriterRefuses(t *testing.T) {
	w, err := NewFileWriter(io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	packet := &Packet{Time: 1, Data: make([]byte, 101), Length: 101}
	if err := w.Write(packet); err == nil || !strings.Contains(err.Error(), "interface 0: there are 0") {
		t.Errorf("Write without interfaces: %v", err)
	}
	for _, text := range []FileInterface{{Name: strings.Repeat("x", 65536)}, {Description: strings.Repeat("x", 65536)}} {
		if _, err := w.AddInterface(text); err == nil {
			t.Error("AddInterface takes a text of 65536 bytes")
		}
	}
	if n, err := w.AddInterface(FileInterface{SnapLen: 100}); n != 0 || err != nil {
		t.Fatalf("AddInterface: %d, %v", n, err)
	}
	if err := w.Write(packet); err == nil || !strings.Contains(err.Error(), "101 bytes: the snap length is 100") {
		t.Errorf("Write beyond the snap length: %v", err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(FileInterface{}); err == nil {
		t.Error("AddInterface after Close")
	}
}
