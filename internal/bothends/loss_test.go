package bothends_test

import (
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/bothends"
	"allroads/internal/netns/netnstest"
)

// tshark reads fields of each TCP packet from an address, and counts how often
// each combination of them is there.
func tshark(t *testing.T, file, filter string) map[string]int {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		netnstest.Missing(t, "tshark")
	}
	args := []string{"-r", file, "-Y", filter, "-o", "tcp.relative_sequence_numbers:FALSE", "-T", "fields"}
	for _, field := range []string{"ip.id", "tcp.seq", "tcp.ack", "tcp.len", "tcp.flags", "tcp.options.timestamp.tsval"} {
		args = append(args, "-e", field)
	}
	out, err := exec.Command(program, args...).Output()
	must(t, err)
	all := map[string]int{}
	for line := range strings.Lines(string(out)) {
		all[line]++
	}
	return all
}

// fewer is how many packets of one file are not in another.
func fewer(a, b map[string]int) (n int) {
	for key, count := range a {
		n += max(count-b[key], 0)
	}
	return n
}

// TestLoss compares what is lost, and what is doubled, with what tshark's packets
// of both files have in common by the number that IP gives each.
func TestLoss(t *testing.T) {
	t.Parallel()
	network := build(t, paths(", loss: 3%, duplicate: 2%", ", loss: 2%"))
	files := both(t, network, func() { exchange(t, network, "10.0.1.2:4321", random(250_000)) })
	r := compareFiles(t, files[0], files[1], bothends.Options{})
	var total int
	for i := range r.Subflows {
		s := &r.Subflows[i]
		for j, w := range []bothends.Way{s.ToServer, s.ToClient} {
			filter := "ip.src==" + [2]string{s.AtClient.Client.Addr().String(), s.AtClient.Server.Addr().String()}[j] +
				" && tcp.port==" + s.AtClient.Client.String()[strings.LastIndexByte(s.AtClient.Client.String(), ':')+1:]
			sent, arrived := tshark(t, files[j], filter), tshark(t, files[1-j], filter)
			lost, more := fewer(sent, arrived), fewer(arrived, sent)
			if int(w.Lost.Packets+w.Outside) < lost || int(w.Lost.Packets) > lost || w.Lost.Partly > 0 {
				t.Errorf("subflow %d: %d lost and %d left out, want %d", s.ID, w.Lost.Packets, w.Outside, lost)
			}
			if int(w.Duplicated) != more || w.Extra.Packets > 0 {
				t.Errorf("subflow %d: %d doubled and %d injected, want %d doubled", s.ID, w.Duplicated, w.Extra.Packets, more)
			}
			total += lost
		}
		if len(s.Changes) > 0 {
			t.Errorf("%+v", s.Changes)
		}
	}
	if total < 5 {
		t.Errorf("tshark sees %d packets lost: the links do not lose what they should", total)
	}
}
