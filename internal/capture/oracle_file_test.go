package capture

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"
)

// sample is a capture of the lab: two paths of one connection.
const sample = "../../trace/testdata/two-paths.pcapng.gz"

// ours lists a file's packets as tsharks does.
func ours(t testing.TB, path string) (lines []string) {
	t.Helper()
	packets, err := readPackets(openFile(t, path))
	if err != io.EOF {
		t.Fatal(err)
	}
	return linesOf(packets)
}

func linesOf(packets []Packet) (lines []string) {
	for _, p := range packets {
		lines = append(lines, fmt.Sprintf("%d.%09d\t%d\t%d\t%d\t%x",
			p.Time/1e9, p.Time%1e9, p.Interface, len(p.Data), p.Length, md5.Sum(p.Data)))
	}
	return lines
}

func tsharks(t testing.TB, path string) (lines []string) {
	t.Helper()
	for _, line := range tshark(t, path, "-o", "frame.generate_md5_hash:TRUE", "-T", "fields", "-e", "frame.time_epoch",
		"-e", "frame.interface_id", "-e", "frame.cap_len", "-e", "frame.len", "-e", "frame.md5_hash") {
		lines = append(lines, strings.Replace(line, "\t\t", "\t0\t", 1)) // A pcap file has no interface.
	}
	return lines
}

// TestFileSameAsTshark reads the sample in each format that editcap converts it to
// and we read.
func TestFileSameAsTshark(t *testing.T) {
	for _, args := range [][]string{
		{"-F", "pcap"}, {"-F", "nsecpcap"}, {"-F", "modpcap"}, {"-F", "pcapng"},
		{"-F", "nsecpcap", "-s", "60"}, {"-F", "pcapng", "-s", "54", "-t", "-1000000000.000000001"},
		{"-F", "pcapng", "-a", "2:a comment", "--inject-secrets", "tls,file.go"},
	} {
		path := filepath.Join(t.TempDir(), "converted")
		run(t, "editcap", slices.Concat(args, []string{sample, path})...)
		want := tsharks(t, path)
		if diff := cmp.Diff(want, ours(t, path)); diff != "" || len(want) < 20 {
			t.Errorf("%v: %d packets, -tshark +ours\n%s", args, len(want), diff)
		}
	}
}

// TestSameAsPcapgo has gopacket read what editcap made.
func TestSameAsPcapgo(t *testing.T) {
	for _, format := range []string{"pcap", "nsecpcap", "pcapng"} {
		path := filepath.Join(t.TempDir(), format)
		run(t, "editcap", "-F", format, sample, path)
		want := pcapgos(t, path)
		if diff := cmp.Diff(want, ours(t, path)); diff != "" || len(want) < 20 {
			t.Errorf("%s: -pcapgo +ours\n%s", format, diff)
		}
	}
}

func pcapgos(t testing.TB, path string) []string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r gopacket.PacketDataSource
	if bytes.HasPrefix(content, []byte("\n\r\r\n")) {
		r, err = pcapgo.NewNgReader(bytes.NewReader(content), pcapgo.DefaultNgReaderOptions)
	} else {
		r, err = pcapgo.NewReader(bytes.NewReader(content))
	}
	if err != nil {
		t.Fatal(err)
	}
	var packets []Packet
	for {
		data, info, err := r.ReadPacketData()
		if err == io.EOF {
			return linesOf(packets)
		}
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, Packet{info.Timestamp.UnixNano(), info.InterfaceIndex, data, info.Length})
	}
}

// TestSectionsSameAsTshark reads the file that has everything. tshark counts
// interfaces anew in each section, takes custom blocks for packets, and gives no
// time to simple ones.
func TestSectionsSameAsTshark(t *testing.T) {
	content, _, _ := everything(t, "big")
	path := saveAs(t, "everything", content)
	got := ours(t, path)
	_, got[2], _ = strings.Cut(got[2], "\t0\t")
	got[2] = "\t0\t" + got[2]
	got[5] = strings.Replace(got[5], "\t2\t", "\t0\t", 1)
	want := slices.DeleteFunc(tsharks(t, path), func(line string) bool { return strings.Contains(line, "\t0\t0\t0\t") })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-tshark +ours\n%s", diff)
	}
}

// TestOtherFormats has the captures of other programs, which we do not read.
func TestOtherFormats(t *testing.T) {
	for format, want := range map[string]string{
		"snoop": "a snoop capture", "netmon1": "a Network Monitor capture", "netmon2": "a Network Monitor capture",
		"ngsniffer": "a Sniffer capture", "ngwsniffer_1_1": "a NetXRay or Sniffer capture", "k12text": "text",
	} {
		path := filepath.Join(t.TempDir(), format)
		run(t, "editcap", "-T", "ether", "-F", format, sample, path)
		_, err := OpenFile(path)
		if d := damage(t, err, 0); !strings.Contains(d.What, "it seems to be "+want) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestTruncatedSameAsTshark cuts a file where tshark says so, too.
func TestTruncatedSameAsTshark(t *testing.T) {
	for _, format := range []string{"pcap", "pcapng"} {
		path := filepath.Join(t.TempDir(), format)
		run(t, "editcap", "-F", format, sample, path)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cut := saveAs(t, "cut", content[:len(content)*2/3])
		packets, err := readPackets(openFile(t, cut))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", format, err)
		}
		said, err := exec.Command("capinfos", "-Mc", cut).CombinedOutput()
		if want := fmt.Sprintf("after reading %d packets", len(packets)); err == nil || !strings.Contains(string(said), want) {
			t.Errorf("%s: capinfos does not say %q, but %s", format, want, said)
		}
	}
}
