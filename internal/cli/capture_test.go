package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
)

// capture is a capture in a host of the lab.
func (u *labUser) capture(host string, args ...string) *exec.Cmd {
	return u.command(append([]string{"exec", "lab/" + host, "--", u.path, "capture"}, args...)...)
}

// tsharkFields lists fields of the packets of a file that pass a filter.
func tsharkFields(t *testing.T, path, filter string, fields ...string) []string {
	t.Helper()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		netnstest.Missing(t, "program tshark")
	}
	args := []string{"-n", "-r", path, "-Y", filter, "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatalf("tshark of %s: %v", path, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// TestCaptureFile writes a file that others read, until Ctrl-C.
func TestCaptureFile(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		path := filepath.Join(u.dir, "packets.pcapng")
		s := u.sitAt(u.capture("a", "-i", "toward-b", "-i", "lo", "-v", "-w", path))
		s.sees("capturing on toward-b, lo, Ctrl-C ends")
		u.talk(10)
		s.sees(" packets, ")
		s.sees("/s, ")
		s.types("\x03")
		said := s.sees(" packets captured, 0 dropped by the kernel")
		s.ends(0)
		got := tsharkFields(t, path, "udp.dstport == 9 && !icmp", "frame.interface_name", "ip.src", "udp.length")
		if want := "toward-b\t10.1.0.1\t1008"; len(got) != 10 || got[0] != want || got[9] != want {
			t.Errorf("not 10 of %q: %q", want, got)
		}
		count := regexp.MustCompile(`[0-9]+$`).FindString(said)
		if all := tsharkFields(t, path, "frame", "frame.number"); all[len(all)-1] != count {
			t.Errorf("%s packets captured, %s in the file", count, all[len(all)-1])
		}
		again := u.capture("a", "-i", "lo", "-w", path)
		if out, said, code := u.finish(again); code != 3 || out != "" || !strings.Contains(said, "file already exists: overwrite it with --overwrite") {
			t.Errorf("exit code %d, %q, %q", code, out, said)
		}
		if after := tsharkFields(t, path, "frame", "frame.number"); after[len(after)-1] != count {
			t.Errorf("a capture that was refused has changed the file")
		}
		u.ok("down", "lab")
	})
}

// TestCaptureEnds by a number of packets, by time, and by SIGTERM.
func TestCaptureEnds(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		path := filepath.Join(u.dir, "packets.pcapng")
		s := u.sitAt(u.capture("a", "-i", "any", "-c", "5", "--filter", "host 10.1.0.2", "--snaplen", "60", "-w", path))
		s.sees("capturing on ")
		u.talk(10)
		s.sees("\r5 packets captured, 0 dropped by the kernel")
		s.ends(0)
		if got := tsharkFields(t, path, "frame", "ip.dst", "frame.cap_len"); len(got) != 5 || !strings.HasSuffix(got[0], "\t60") {
			t.Errorf("%q", got)
		}
		_, said, code := u.finish(u.capture("a", "-i", "lo", "--duration", "0.2", "-w", path, "--overwrite"))
		if code != 0 || !strings.HasSuffix(said, "0 packets captured, 0 dropped by the kernel\n") {
			t.Errorf("exit code %d, %q", code, said)
		}
		s = u.sitAt(u.capture("a", "-i", "lo", "-w", path, "--overwrite"))
		s.sees("capturing on lo")
		must(t, s.cmd.Process.Signal(syscall.SIGTERM))
		s.sees("0 packets captured")
		s.ends(0)
		u.ok("down", "lab")
	})
}

// TestCaptureLive: whoever reads along sees a packet although few come, and a
// terminal is spared.
func TestCaptureLive(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		read, write, err := os.Pipe()
		must(t, err)
		defer read.Close()
		cmd := u.capture("a", "-i", "toward-b", "-w", "-")
		cmd.Stdout = write
		s := u.sitAt(cmd)
		write.Close()
		s.sees("capturing on")
		u.talk(1)
		must(t, read.SetReadDeadline(time.Now().Add(patience)))
		awaitText(t, read, strings.Repeat(" ", 900)+"x")
		s.types("\x03")
		s.sees("packets captured")
		s.ends(0)
		for _, args := range [][]string{{"-i", "lo", "-w", "-"}, {"-i", "lo"}} {
			s := u.sitAt(u.capture("a", args...))
			s.sees("| tshark -r -")
			s.ends(2)
		}
		u.ok("down", "lab")
	})
}

// TestCaptureNoRoom has a file that may not grow.
func TestCaptureNoRoom(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		path := filepath.Join(u.dir, "packets.pcapng")
		s := u.sitAt(u.command("exec", "lab/a", "--", "bash", "-c",
			fmt.Sprintf("ulimit -f 64; exec %s capture -i toward-b -w %s", u.path, path)))
		s.sees("capturing on")
		u.talk(200)
		said := s.sees("packets.pcapng: file too large")
		s.ends(3)
		if bytes.Contains(s.seen, []byte("goroutine")) {
			t.Errorf("%q", s.seen)
		}
		got := tsharkFields(t, path, "frame", "frame.number")
		want := got[len(got)-1] + " packets captured, 0 dropped by the kernel"
		if info, err := os.Stat(path); err != nil || info.Size() < 60<<10 || info.Size() > 64<<10 || !strings.Contains(said, want) {
			t.Errorf("%v, %v; %q, want %s", info, err, said, want)
		}
		u.ok("down", "lab")
	})
}

// TestCaptureGone ends with the last interface.
func TestCaptureGone(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		path := filepath.Join(u.dir, "packets.pcapng")
		s := u.sitAt(u.capture("a", "-i", "toward-b", "-w", path))
		s.sees("capturing on")
		u.ok("exec", "lab/a", "--", "ip", "link", "set", "toward-b", "down")
		s.sees("allroads: toward-b is down\x1b[K\r\n")
		u.ok("exec", "lab/a", "--", "ip", "link", "del", "toward-b")
		s.sees("allroads: toward-b is gone")
		s.sees(" packets captured, 0 dropped by the kernel")
		s.sees("allroads: capture: no interface is left")
		s.ends(3)
		tsharkFields(t, path, "frame", "frame.number")
		u.ok("down", "lab")
	})
}

// TestCaptureElsewhere captures in a namespace that is named, and says what it
// takes.
func TestCaptureElsewhere(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("as root: it becomes another user")
	}
	path := program(t)
	name, _, end := inNewNamespace(t)
	defer end()
	file := filepath.Join(t.TempDir(), "packets.pcapng")
	var said bytes.Buffer
	cmd := exec.Command(path, "capture", "-i", "any", "-n", name, "--duration", "0.1", "-w", file)
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil || !strings.HasSuffix(said.String(), "0 packets captured, 0 dropped by the kernel\n") {
		t.Errorf("%v, %q", err, &said)
	}
	if got := tsharkFields(t, file, "frame", "frame.number"); got[0] != "" {
		t.Errorf("%q", got)
	}
	_, told, code := asStranger(t, path, "capture", "-i", "lo", "-n", name, "-w", "/dev/null")
	if code != 3 || !strings.HasSuffix(told, "to capture in another namespace takes CAP_SYS_ADMIN and CAP_NET_RAW: run as root, or with sudo\n") {
		t.Errorf("exit code %d, %q", code, told)
	}
	_, told, code = asStranger(t, path, "capture", "-i", "lo", "-w", "/dev/null")
	if code != 3 || told != "allroads: capture on lo: open packet socket: operation not permitted: it takes CAP_NET_RAW: run as root, with sudo, or after setcap cap_net_raw+ep\n" {
		t.Errorf("exit code %d, %q", code, told)
	}
}
