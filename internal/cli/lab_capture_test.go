package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
)

// talk has host a send packets of a known size to b, which refuses them.
func (u *labUser) talk(packets int) {
	u.t.Helper()
	u.ok("exec", "lab/a", "--", "bash", "-c", fmt.Sprintf("for ((i = 0; i < %d; i++)); do printf %%1000s x >/dev/udp/10.1.0.2/9; done", packets))
}

// TestLabCapture writes a file that others read, until Ctrl-C.
func TestLabCapture(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		netnstest.Missing(t, "program tshark")
	}
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		path := filepath.Join(u.dir, "packets.pcapng")
		s := u.sit("capture", "lab", "ab", "-w", path)
		s.sees(" packets, Ctrl-C ends")
		u.talk(10)
		s.types("\x03")
		s.sees(" packets captured, 0 dropped\r\n")
		s.ends(0)
		out, err := exec.Command(tshark, "-r", path, "-Y", "udp.dstport == 9 && !icmp", "-T", "fields",
			"-e", "frame.interface_name", "-e", "ip.src", "-e", "udp.length").CombinedOutput()
		for _, end := range []string{"a:toward-b", "b:toward-a"} {
			if want := end + "\t10.1.0.1\t1008\n"; err != nil || strings.Count(string(out), want) != 10 {
				t.Errorf("not 10 of %q, %v:\n%s", want, err, out)
			}
		}
		u.expect(3, `lab lab: no link "ac"`, "capture", "lab", "ac", "-w", path)
		u.expect(2, "missing -w FILE", "capture", "lab")
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("a capture that is refused has emptied the file: %v", err)
		}
		u.expect(3, "write packets: open /dev/null/no: not a directory", "capture", "lab", "-w", "/dev/null/no")
		u.ok("down", "lab")
	})
}

// TestLabCaptureUnwritable has no room for packets, or nobody who wants them.
func TestLabCaptureUnwritable(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		full := u.sit("capture", "lab", "-w", "/dev/full")
		full.sees(" packets, Ctrl-C ends")
		u.talk(bufferful)
		full.sees("no space left on device")
		full.ends(3)
		unread, read := u.capturePipe()
		read.Close()
		u.talk(bufferful)
		unread.ends(128 + int(syscall.SIGPIPE))
		if bytes.Contains(unread.seen, []byte("allroads:")) {
			t.Errorf("a closed pipe: %q", unread.seen)
		}
		u.ok("down", "lab")
	})
}

// bufferful is how many packets are sure to be written out.
const bufferful = 400

// capturePipe captures into a pipe.
func (u *labUser) capturePipe() (*seat, *os.File) {
	u.t.Helper()
	read, write, err := os.Pipe()
	must(u.t, err)
	u.t.Cleanup(func() { read.Close() })
	cmd := u.command("capture", "lab", "-w", "-")
	cmd.Stdout = write
	s := u.sitAt(cmd)
	write.Close()
	s.sees(" packets, Ctrl-C ends")
	return s, read
}

// TestLabCaptureLive: whoever reads along sees a packet although few come.
func TestLabCaptureLive(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		s, read := u.capturePipe()
		u.talk(1)
		must(t, read.SetReadDeadline(time.Now().Add(10*time.Second)))
		awaitText(t, read, strings.Repeat(" ", 900)+"x")
		s.types("\x03")
		u.ok("down", "lab")
		s.sees("packets captured")
		s.ends(0)
	})
}

// TestLabCaptureDown takes a lab down while captures run, one of them into a pipe
// that is full.
func TestLabCaptureDown(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		s := u.sit("capture", "lab", "-w", filepath.Join(u.dir, "packets.pcapng"))
		s.sees(" packets, Ctrl-C ends")
		stuck, _ := u.capturePipe()
		u.talk(bufferful)
		u.ok("down", "lab")
		s.sees(" packets captured, 0 dropped\r\n")
		s.ends(0)
		stuck.sees("nobody reads what is written")
		stuck.ends(3)
		u.expectNothing()
	})
}
