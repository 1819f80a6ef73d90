package trace_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"allroads/trace"
)

// TestConnectionsLikeTshark has tshark, in a single pass, say of a real capture which
// connection a packet is of, where in the stream its data belongs, and whether another
// subflow had carried it.
func TestConnectionsLikeTshark(t *testing.T) {
	out, err := exec.Command("tshark", "-n", "-r", twoPaths,
		"-o", "mptcp.analyze_mappings:TRUE", "-o", "mptcp.intersubflows_retransmission:TRUE",
		"-T", "fields", "-E", "separator=|", "-E", "occurrence=l",
		"-e", "tcp.stream", "-e", "mptcp.stream", "-e", "mptcp.dss.dsn", "-e", "tcp.options.mptcp.rawdataseqno",
		"-e", "mptcp.reinjection_of").Output()
	if err != nil {
		missing(t, err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	packets := capturedPackets(t, twoPaths)
	if len(lines) != len(packets) {
		t.Fatalf("tshark sees %d packets of %d", len(lines), len(packets))
	}
	a, before, flagged := trace.New(redBlue), uint64(0), 0
	for i := range packets {
		a.Add(&packets[i])
		said := strings.Split(lines[i], "|")
		if said[1] != "0" && i > 0 { // It says nothing of the first SYN.
			t.Errorf("packet %d is of connection %q", i+1, said[1])
		}
		c := &a.Report().Connections[0]
		if flows, _ := strconv.Atoi(said[0]); flows+1 > len(c.Subflows) {
			t.Errorf("packet %d is of subflow %s, there are %d", i+1, said[0], len(c.Subflows))
		}
		sum := uint64(0)
		for j := range c.Subflows {
			for _, of := range []*trace.Carried{&c.Subflows[j].ToServer, &c.Subflows[j].ToClient} {
				sum += of.Repeats.Reinjected + of.Repeats.Redundant
			}
		}
		if ours, theirs := sum > before, said[4] != ""; ours != theirs {
			t.Errorf("packet %d brings %d bytes that another subflow had carried; tshark: %q", i+1, sum-before, said[4])
		} else if ours {
			flagged++
		}
		before = sum
		if said[2] == "" || said[2] == "0" || len(c.Keys) < 2 {
			continue
		}
		relative, _ := strconv.ParseUint(said[2], 10, 64)
		raw, _ := strconv.ParseUint(said[3], 10, 64)
		if sender := &c.Keys[0]; raw != 0 && raw-sender.IDSN != relative && raw-c.Keys[1].IDSN != relative {
			t.Errorf("packet %d has data sequence number %d, %d by tshark, IDSN %d", i+1, raw, relative, sender.IDSN)
		}
	}
	if flagged == 0 {
		t.Error("nothing was carried twice")
	}
}
