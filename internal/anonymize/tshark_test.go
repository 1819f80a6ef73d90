package anonymize

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"allroads/trace"

	"github.com/google/go-cmp/cmp"
)

// missing ends a test for want of what it needs.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("ALLROADS_REQUIRE_KERNEL") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// lasting are the fields of tshark that stay what they are: what belongs to which
// connection by tokens, relative numbers, lengths, and what it finds odd.
var lasting = []string{
	"frame.len", "frame.interface_id", "ip.version", "ip.ttl", "ip.len", "ipv6.plen", "tcp.stream", "tcp.len", "tcp.seq", "tcp.ack", "tcp.flags",
	"tcp.window_size_value", "tcp.option_kind", "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.sack.count",
	"mptcp.stream", "mptcp.dsn", "mptcp.ack", "tcp.options.mptcp.subtype", "tcp.options.mptcp.version", "tcp.options.mptcp.addrid",
	"tcp.options.mptcp.backup.flag", "tcp.options.mptcp.datafin.flag", "tcp.options.mptcp.subflowseqno", "tcp.options.mptcp.datalvllen",
	"tcp.options.mptcp.rst_reason", "tcp.options.mptcp.echo", "tcp.analysis.flags", "tcp.analysis.acks_frame", "_ws.malformed", "_ws.expert.message",
}

// serverPort is in what tshark says of a SYN.
var serverPort = regexp.MustCompile("server port [0-9]+")

// dissected is what tshark says of each packet, in a single pass.
func dissected(t testing.TB, path string) []string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		missing(t, err)
	}
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=|", "-o", "tcp.desegment_tcp_streams:FALSE",
		"-o", "ip.check_checksum:TRUE", "-o", "tcp.relative_sequence_numbers:TRUE", "-o", "mptcp.relative_sequence_numbers:TRUE"}
	for _, field := range lasting {
		args = append(args, "-e", field)
	}
	command := exec.Command(program, args...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	return strings.Split(strings.TrimSuffix(serverPort.ReplaceAllString(string(out), "port"), "\n"), "\n")
}

// sameDissection has tshark read what packets became.
func sameDissection(t testing.TB, before, after string) {
	t.Helper()
	packets, interfaces := readPackets(t, before)
	want, got := dissected(t, fileOf(t, cutPayload(t, packets), interfaces)), dissected(t, after)
	for i, line := range got {
		if strings.Contains(strings.ToLower(line), "malformed") || strings.Contains(line, "Bad checksum") {
			t.Errorf("packet %d: %s", i+1, line)
		}
	}
	if difference := cmp.Diff(want, got); difference != "" {
		t.Errorf("tshark: -before +after\n%s", difference)
	}
}

// TestTshark: it finds the same connections in the real capture, and in scripts of
// both versions.
func TestTshark(t *testing.T) {
	packets, interfaces := readPackets(t, twoPaths)
	captures := map[string][]trace.Packet{"two paths": packets, "version 0": whole(0, true, true).packets, "version 1": whole(1, false, true).packets}
	for name, packets := range captures {
		t.Run(name, func(t *testing.T) {
			path := fileOf(t, packets, interfaces)
			out, _ := anonymized(t, Options{Secret: []byte("tshark")}, path)
			sameDissection(t, path, save(t, out))
		})
	}
}
