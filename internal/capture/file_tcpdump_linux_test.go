package capture

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFileOfTcpdump reads what tcpdump captured, as tshark does, and what it
// writes again from ours.
func TestFileOfTcpdump(t *testing.T) {
	ns := loopback(t)
	for i, tt := range []struct {
		device string
		args   []string
		link   uint16
		step   time.Duration
	}{
		{"lo", []string{"--time-stamp-precision=micro"}, 1, time.Microsecond},
		{"lo", []string{"--time-stamp-precision=nano", "-s", "50"}, 1, 1},
		{"any", []string{"-j", "host", "--time-stamp-precision=nano"}, 276, 1},
		{"any", []string{"-y", "LINUX_SLL"}, 113, time.Microsecond},
	} {
		path := filepath.Join(t.TempDir(), "tcpdump.pcap")
		// Its ring has room for few frames of the default snap length.
		stop := tcpdump(t, ns, tt.device, path, append([]string{"-s", "200"}, tt.args...)...)
		udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port+i), "")
		send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port+i)), 0, 20, 100)
		for start := time.Now(); yet(path) < 20 && time.Since(start) < 5*time.Second; {
			time.Sleep(10 * time.Millisecond)
		}
		stop()
		got := ours(t, path)
		if diff := cmp.Diff(tsharks(t, path), got); diff != "" || len(got) < 20 {
			t.Errorf("%s %v: %d packets, -tshark +ours\n%s", tt.device, tt.args, len(got), diff)
		}
		if i := openFile(t, path).Interfaces()[0]; i.Link != tt.link || i.Resolution != tt.step {
			t.Errorf("%s %v: %+v", tt.device, tt.args, i)
		}
	}
}

// yet counts the packets of a file that is being written.
func yet(path string) int {
	f, err := OpenFile(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	packets, _ := readPackets(f)
	return len(packets)
}

// TestFileRewrittenByTcpdump has tcpdump write to a pipe what it reads.
func TestFileRewrittenByTcpdump(t *testing.T) {
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skipf("missing: %v", err)
	}
	plain := write(t, twoInterfaces[:1], manyOnOne(), nil)
	c := exec.Command(path, "-r", "-", "-w", "-", "--time-stamp-precision=nano")
	c.Stdin = bytes.NewReader(plain)
	said := new(strings.Builder)
	c.Stderr = said
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var got []Packet
	f, err := NewFile(out, "tcpdump")
	if err == nil {
		got, err = readPackets(f)
	}
	if ended := c.Wait(); ended != nil {
		if strings.Contains(said.String(), "change to '") { // In a user namespace.
			t.Skipf("missing: %s", said)
		}
		t.Fatalf("%v: %s", ended, said)
	}
	if err != io.EOF {
		t.Error(err)
	}
	if err := samePackets(manyOnOne(), got); err != nil {
		t.Error(err)
	}
}

func manyOnOne() (packets []Packet) {
	for n := range 20000 {
		data := bytes.Repeat([]byte{byte(n)}, 14+n%100)
		packets = append(packets, Packet{Time: int64(n) * 1001, Data: data, Length: len(data) + n%7})
	}
	return packets
}
