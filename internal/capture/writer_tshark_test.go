package capture

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func saveBytes(t *testing.T, file []byte) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "out.pcapng")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestWriterReadByTshark(t *testing.T) {
	packets := somePackets()[:4]
	packets = append(packets, Packet{Time: 5e9, Data: make([]byte, MaxSnapLen), Length: MaxSnapLen})
	name := saveBytes(t, write(t, twoInterfaces, packets, nil))
	got := tshark(t, name, "-T", "fields", "-e", "frame.interface_name", "-e", "frame.time_epoch",
		"-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.encap_type")
	want := []string{
		"eth0\t1700000000.123456789\t63\t63\t1",
		"wlan0\t1700000000.123456790\t65000\t61\t1",
		"eth0\t1700000002.123456789\t60\t60\t1",
		"wlan0\t1.000000001\t2147483647\t58\t1",
		"eth0\t5.000000000\t262144\t262144\t1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +tshark\n%s", diff)
	}
}

func TestWriterReadByCapinfos(t *testing.T) {
	name := saveBytes(t, write(t, twoInterfaces, somePackets()[:4], []Stats{{Packets: 4}}))
	info := strings.Join(run(t, "capinfos", name), "\n")
	for _, want := range []string{
		"File type:           Wireshark/... - pcapng",
		"Number of packets:   4",
		"Capture oper-sys:    " + system(),
		"Capture application: allroads",
		"Number of interfaces in file: 2",
		"Name = wlan0",
		"Comment = the cable",
		"Time precision = nanoseconds (9)",
		"Capture length = 262144",
		"Number of stat entries = 1",
	} {
		if !strings.Contains(info, want) {
			t.Errorf("capinfos does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(info)
	}
}

// TestWriterStatistics has tshark read the statistics blocks as such.
func TestWriterStatistics(t *testing.T) {
	const shared = "2 of 9 packets were dropped on these interfaces together: eth0, wlan0"
	for _, tt := range []struct {
		name       string
		interfaces []Interface
		stats      []Stats
		want       string // accepted, dropped, delivered, comments
	}{
		{"nobody counted", twoInterfaces, nil, "||2,2|the cable"},
		{"counted on each", twoInterfaces, []Stats{{Packets: 9, Drops: 2}, {Packets: 1 << 40, Drops: 1 << 33}}, "9,1099511627776|2,8589934592|2,2|the cable"},
		{"counted together", twoInterfaces, []Stats{{Packets: 9, Drops: 2}}, "||2,2|the cable," + shared + "," + shared},
		{"none dropped", twoInterfaces, []Stats{{Packets: 9}}, "|0,0|2,2|the cable"},
		{"counted in a run", twoInterfaces, []Stats{{Packets: 9, Drops: 2, Interfaces: 2}}, "||2,2|the cable," + shared + "," + shared},
		{"counted in runs of one", twoInterfaces, []Stats{{Packets: 9, Drops: 2, Interfaces: 1}, {Packets: 3, Interfaces: 1}}, "9,3|2,0|2,2|the cable"},
		{"one interface", []Interface{{Name: "lo"}}, []Stats{{Packets: 9, Drops: 2}}, "9|2|2|"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			packets := somePackets()[:4]
			if len(tt.interfaces) == 1 {
				packets = []Packet{packets[0], packets[2]}
			}
			name := saveBytes(t, write(t, tt.interfaces, packets, tt.stats))
			const field = "pcapng.options.option.data."
			got := tshark(t, name, "-X", "read_format:MIME Files Format", "-T", "fields", "-E", "separator=|",
				"-e", field+"interface.accepted_by_filter", "-e", field+"interface.dropped_by_os",
				"-e", field+"interface.delivered_to_user", "-e", field+"comment")
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("-want +tshark\n%s", diff)
			}
		})
	}
}

// TestWriterRuns counts two interfaces of three together.
func TestWriterRuns(t *testing.T) {
	three := []Interface{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	stats := []Stats{{Packets: 5, Drops: 1}, {Packets: 7, Drops: 3, Interfaces: 2}}
	name := saveBytes(t, write(t, three, somePackets()[:1], stats))
	const field = "pcapng.options.option.data."
	got := tshark(t, name, "-X", "read_format:MIME Files Format", "-T", "fields", "-E", "separator=|",
		"-e", field+"interface.accepted_by_filter", "-e", field+"interface.dropped_by_os", "-e", field+"comment")
	const shared = "3 of 7 packets were dropped on these interfaces together: b, c"
	if diff := cmp.Diff([]string{"5|1|" + shared + "," + shared}, got); diff != "" {
		t.Errorf("-want +tshark\n%s", diff)
	}
}

func TestWriterRefusesStatistics(t *testing.T) {
	for _, tt := range []struct {
		stats []Stats
		want  string
	}{
		{make([]Stats, 3), "3 of them for 2 interfaces"},
		{[]Stats{{Interfaces: 1}}, "1 of them for 2 interfaces"},
		{[]Stats{{Interfaces: 3}}, "1 of them for 2 interfaces"},
		{[]Stats{{Interfaces: 2}, {}}, "2 of them for 2 interfaces"},
		{[]Stats{{Interfaces: -1}}, "counts of -1 interfaces"},
	} {
		refuseStatistics(t, tt.stats, tt.want)
	}
}

// refuseStatistics expects an error, always the same, and the packets in the file
// in spite of it.
func refuseStatistics(t *testing.T, stats []Stats, want string) {
	t.Helper()
	var file strings.Builder
	w, err := NewWriter(&file, twoInterfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	packet := somePackets()[0]
	if err := w.Write(&packet); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Close(stats); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Close: %v, want %s", err, want)
		}
	}
	if got := packetsOf(t, []byte(file.String())); len(got) != 1 {
		t.Errorf("packets of lengths %v in the file, want the one written", got)
	}
}
