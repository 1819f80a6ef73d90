package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// captured are what tshark reads of packets: the payload that came in at the
// server's end of each link, and when.
type captured struct {
	bytes map[string]uint64 // by interface
	times []float64         // of those with payload, in seconds
}

// capture captures until the function that it returns is called.
func (n *network) capture() func() *captured {
	n.t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		n.t.Skipf("no oracle: %v", err)
	}
	path := filepath.Join(n.t.(*testing.T).TempDir(), "packets.pcapng")
	file, err := os.Create(path)
	if err != nil {
		n.t.Fatal(err)
	}
	capture, err := n.lab.Host("server").Capture(file)
	if err != nil {
		n.t.Fatal(err)
	}
	return func() *captured {
		n.t.Helper()
		if lost, err := capture.Stop(); err != nil || lost > 0 {
			n.t.Skipf("the capture lost %d packets: %v", lost, err)
		}
		file.Close()
		return readCapture(n.t, path)
	}
}

func readCapture(t testing.TB, path string) *captured {
	t.Helper()
	cmd := exec.Command("tshark", "-r", path, "-Y", "tcp.len > 0 && tcp.dstport == 8684", "-T", "fields",
		"-e", "frame.interface_name", "-e", "frame.time_epoch", "-e", "tcp.len")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, &stderr)
	}
	c := &captured{bytes: map[string]uint64{}}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		at, err1 := strconv.ParseFloat(fields[1], 64)
		length, err2 := strconv.ParseUint(fields[2], 10, 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("tshark says %q", line)
		}
		c.bytes[fields[0]] += length
		c.times = append(c.times, at)
	}
	return c
}

// controlBytes is more than the connection on which the ends agree sends.
const controlBytes = 20_000

// TestTotals holds what is counted to the packets, as tshark counts them: each
// path carried between what the kernel counts without and with what was sent
// again; and to itself: subflows carried what was delivered, and no more than
// came twice.
func TestTotals(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 100e6, 100e6), &Server{})
	stop := n.capture()
	const size = 6e6
	r := n.measure(func(o *Options) { o.Params.Bytes, o.Params.Duration = size, 0 })
	packets := stop()
	if *r.Upload.Bytes != size {
		t.Errorf("%d bytes were delivered, want %d", *r.Upload.Bytes, int(size))
	}
	var all uint64
	for i := range r.Upload.Subflows {
		s := &r.Upload.Subflows[i]
		all += *s.Received
		link := strings.TrimSuffix(s.Interface, "-client")
		seen := packets.bytes[link]
		if least := *s.Sent - *s.Retransmitted; *s.Received > seen || seen+1 < min(least, *s.Received) || seen > *s.Sent+controlBytes {
			t.Errorf("%s: %d bytes in packets, received %d, sent %d with %d again (%v)", link, seen,
				*s.Received, *s.Sent, *s.Retransmitted, packets.bytes)
		}
	}
	if len(r.Upload.Subflows) != 2 || all != *r.Upload.Received || all != size+*r.Upload.Beyond {
		t.Errorf("%d subflows carried %d, want %d and the %d that came twice", len(r.Upload.Subflows), all,
			int(size), *r.Upload.Beyond)
	}
	if *r.Upload.Beyond > size/10 {
		t.Errorf("%d bytes came twice", *r.Upload.Beyond)
	}
}

// octets is what the kernel counted at a host: bytes of IP packets that came in.
func (n *network) octets(host string) uint64 {
	n.t.Helper()
	text, err := n.lab.Host(host).Command("nstat", "-asz", "IpExtInOctets").Output()
	if err != nil {
		n.t.Skipf("no oracle: nstat: %v", err)
	}
	fields := strings.Fields(string(text))
	for i, field := range fields {
		if field == "IpExtInOctets" && i+1 < len(fields) {
			value, err := strconv.ParseUint(fields[i+1], 10, 64)
			if err != nil {
				n.t.Fatal(err)
			}
			return value
		}
	}
	n.t.Fatalf("nstat says %s", text)
	return 0
}

// TestDirections measures in each direction, on several connections, and compares
// with the kernel's count of IP packets at the receiver. Of each of 1500 bytes 1424
// are payload, or 94.9 %; the rest to the bound is what came when the test was over,
// or was before.
func TestDirections(t *testing.T) {
	for _, d := range []Direction{Upload, Download, Both} {
		for _, connections := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s-%d", d, connections), func(t *testing.T) {
				t.Parallel()
				n := serve(t, twoPaths(t, 50e6, 50e6), &Server{})
				server, client := n.octets("server"), n.octets("client")
				r := n.measure(func(o *Options) {
					o.Params.Direction, o.Params.Connections = d, connections
					o.Interval, o.Params.Duration = 100*time.Millisecond, 600*time.Millisecond
				})
				if (r.Upload != nil) != (d != Download) || (r.Download != nil) != (d != Upload) {
					t.Fatalf("upload %v, download %v", r.Upload, r.Download)
				}
				checkFlow(t, r, Upload, n.octets("server")-server)
				checkFlow(t, r, Download, n.octets("client")-client)
				if len(r.Intervals) < 3 {
					t.Errorf("%d intervals", len(r.Intervals))
				}
			})
		}
	}
}

func checkFlow(t *testing.T, r *Result, d Direction, octets uint64) {
	t.Helper()
	f := r.flow(d)
	if f == nil {
		return
	}
	if part := float64(*f.Received) / float64(octets); part > 0.95 || part < 0.6 {
		t.Errorf("%s: received %d of the kernel's %d octets, %.3f", d, *f.Received, octets, part)
	}
	var paths, acked uint64
	for i, p := range f.Paths {
		paths += p.Bytes
		if p.Subflows != r.Test.Connections || i > 1 || p.Interface == "" {
			t.Errorf("%s: path %+v", d, p)
		}
	}
	for i := range f.Subflows {
		acked += *f.Subflows[i].Acked
	}
	if paths != *f.Received || *f.Received < *f.Bytes || *f.Bytes+*f.Beyond > *f.Received {
		t.Errorf("%s: paths carried %d, received %d, delivered %d, beyond %d", d, paths, *f.Received, *f.Bytes, *f.Beyond)
	}
	if acked < *f.Received*9/10 || *f.Received < acked*8/10 {
		t.Errorf("%s: acknowledged %d, received %d", d, acked, *f.Received)
	}
	// What two paths can carry at most: of each 1514 bytes on the link 1424.
	if most := 2 * 50e6 * 1424 / 1514 * 1.05; *f.Goodput > most || *f.Goodput < most/10 {
		t.Errorf("%s: goodput %.0f, want at most %.0f", d, *f.Goodput, most)
	}
}

// TestManyConnections takes as many as there may be, and bytes that do not divide
// by them.
func TestManyConnections(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 100e6, 100e6), &Server{})
	r := n.measure(func(o *Options) {
		o.Params.Connections, o.Params.Bytes, o.Params.Duration = 100, 1_000_003, 0
		o.Subflows = 0
	})
	if len(r.Connections) != 100 || *r.Upload.Bytes != 1_000_003 {
		t.Errorf("%d connections, %d bytes", len(r.Connections), *r.Upload.Bytes)
	}
	r = n.measure(func(o *Options) { // Most of them carry nothing.
		o.Params.Connections, o.Params.Bytes, o.Params.Duration, o.Params.Direction = 20, 3, 0, Both
		o.Subflows = 0
	})
	if *r.Upload.Bytes != 3 || *r.Download.Bytes != 3 {
		t.Errorf("%d and %d bytes", *r.Upload.Bytes, *r.Download.Bytes)
	}
	r = n.measure(func(o *Options) { o.Params.Bytes, o.Params.Duration = maxBytes, 100*time.Millisecond })
	if *r.Upload.Bytes == 0 {
		t.Error("nothing arrived")
	}
}

// TestDiscard has the kernel throw away what comes: as much comes.
func TestDiscard(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 100e6, 100e6), &Server{})
	r := n.measure(func(o *Options) {
		o.Params.Discard, o.Params.Bytes, o.Params.Duration, o.Params.Direction = true, 3e6, 0, Both
	})
	if *r.Upload.Bytes != 3e6 || *r.Download.Bytes != 3e6 {
		t.Errorf("%d and %d bytes", *r.Upload.Bytes, *r.Download.Bytes)
	}
}

// TestClosedSubflow removes a path in the middle: what it carried stays counted.
func TestClosedSubflow(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 50e6, 50e6), &Server{})
	go func() {
		time.Sleep(500 * time.Millisecond)
		_ = n.lab.Host("client").Command("ip", "mptcp", "endpoint", "delete", "id", "1").Run()
	}()
	r := n.measure(nil)
	for _, s := range r.Upload.Subflows {
		if blue := s.Interface == "blue-client"; s.Closed != blue || *s.Received == 0 || *s.Sent == 0 {
			t.Errorf("%s: closed %v, received %d, sent %d", s.Interface, s.Closed, *s.Received, *s.Sent)
		}
	}
	if len(r.Upload.Subflows) != 2 {
		t.Errorf("%d subflows", len(r.Upload.Subflows))
	}
}
