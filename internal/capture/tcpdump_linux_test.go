package capture

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gopacket/gopacket/pcapgo"

	"allroads/internal/netns"
)

// tcpdump captures on an interface into a file until stop is called, which
// returns when the file is complete.
func tcpdump(t *testing.T, ns *netns.NS, name, file string, filter ...string) (stop func()) {
	t.Helper()
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skipf("missing: %v", err)
	}
	command := exec.Command(path, append([]string{"-Z", "root", "-i", name, "-w", file, "-U", "--immediate-mode"}, filter...)...)
	messages, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := ns.Do(command.Start); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(messages)
	for said := ""; !strings.Contains(said, "listening on"); {
		line, err := lines.ReadString('\n')
		if said += line; err != nil {
			command.Wait()
			if strings.Contains(said, "change to 'root'") { // In a user namespace.
				t.Skipf("missing: %s", said)
			}
			t.Fatalf("%v: %s", command, said)
		}
	}
	return func() {
		t.Helper()
		command.Process.Signal(syscall.SIGINT)
		rest, _ := io.ReadAll(lines)
		if err := command.Wait(); err != nil {
			t.Fatalf("%v: %v: %s", command, err, rest)
		}
	}
}

// TestSameAsTcpdump captures beside tcpdump, with its idea of a TCP filter.
func TestSameAsTcpdump(t *testing.T) {
	a, b := pairs6(t, 1)
	for _, filter := range []string{"", "ip proto 6 or ip6 proto 6"} {
		file := filepath.Join(t.TempDir(), "b0.pcap")
		stop := tcpdump(t, b, "b0", file, filter)
		r := listen(t, b, []string{"b0"}, Options{Filter: Filter{TCP: filter != ""}})
		for n := range 3 {
			client, server := connect(t, a, b, fmt.Sprintf("10.0.0.2:%d", port+n))
			go io.Copy(client, client)
			server.Write(randomBytes(100000))
			if _, err := io.ReadFull(server, make([]byte, 100000)); err != nil {
				t.Fatal(err)
			}
			inject(t, a, "a0", ethernet(vlan, tag(5, v4), ipv4(isUDP, 0, 0), make([]byte, 80)))
			connect(t, a, b, fmt.Sprintf("[fd00::2]:%d", port+n))
		}
		var ours []string
		for _, p := range drain(t, r) {
			if !chatter(p.Data) {
				ours = append(ours, line(p.Data, p.Length))
			}
		}
		// What tcpdump has not read when it is stopped, it loses.
		for start := time.Now(); len(saved(t, file)) < len(ours) && time.Since(start) < 5*time.Second; {
			time.Sleep(10 * time.Millisecond)
		}
		stop()
		theirs := saved(t, file)
		if len(theirs) < 30 {
			t.Errorf("tcpdump has %d frames only", len(theirs))
		}
		// Each sees what two processors do at the same time in its own order.
		sort := cmpopts.SortSlices(strings.Compare)
		if diff := cmp.Diff(theirs, ours, sort); diff != "" {
			t.Errorf("-tcpdump +ours\n%s", diff)
		}
	}
}

// chatter is what links say when they come up, any time: the one capture may
// have begun before and the other not.
func chatter(frame []byte) bool {
	multicast := frame[0]&1 == 1
	return multicast && !bytes.Equal(frame[6:12], injector)
}

// line is the beginning of a frame, and its lengths, to compare.
func line(data []byte, length int) string {
	return fmt.Sprintf("%d of %d: %s", len(data), length, hex.EncodeToString(data[:min(len(data), 80)]))
}

func saved(t *testing.T, name string) (lines []string) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := pcapgo.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, info, err := reader.ReadPacketData()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return lines // It may still be written.
		}
		if err != nil {
			t.Fatal(err)
		}
		if !chatter(data) {
			lines = append(lines, line(data, info.Length))
		}
	}
}
