package capture

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWriterFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("missing: %v", err)
	}
	defer full.Close()
	w, err := NewWriter(full, twoInterfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	packet := somePackets()[0]
	if err := w.Write(&packet); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("Close: %v", err)
	}
}

// TestRingToFile is the way of every capture: from a ring to a file.
func TestRingToFile(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{SnapLen: 1000, RingBytes: 1})
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, 500, 2000)
	await(t, r, 500)
	packets := drain(t, r)
	s := stats(t, r)
	if s.Drops == 0 {
		t.Fatalf("stats %+v: nothing dropped", s)
	}
	name := filepath.Join(t.TempDir(), "lo.pcapng")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := NewWriter(file, []Interface{{Name: "lo"}}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range packets {
		if err := w.Write(&packets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close([]Stats{s}); err != nil {
		t.Fatal(err)
	}
	lines := tshark(t, name, "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len", "-e", "udp.dstport")
	if len(lines) != len(packets) || lines[0] != "2042\t1000\t7000" {
		t.Errorf("tshark has %d packets of %d, the first %q", len(lines), len(packets), lines[0])
	}
	const field = "pcapng.options.option.data.interface."
	counts := tshark(t, name, "-X", "read_format:MIME Files Format", "-T", "fields",
		"-e", field+"accepted_by_filter", "-e", field+"dropped_by_os", "-e", field+"delivered_to_user")
	if want := fmt.Sprintf("500\t%d\t%d", s.Drops, len(packets)); counts[0] != want {
		t.Errorf("tshark has counts %q, want %q", counts[0], want)
	}
}

// save writes packets to a file, with no statistics.
func save(t testing.TB, file string, interfaces []Interface, packets []Packet) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w, err := NewWriter(out, interfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range packets {
		if err := w.Write(&packets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
}
