package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
)

// longLab has the longest addresses there are.
const longLab = `
name: long
hosts:
  - name: client
    mptcp: {limits: {subflows: 3, add_addr_accepted: 3}}
  - name: server
    mptcp: {limits: {subflows: 3}, endpoints: [{address: "2001:db8:aaaa:bbbb:cccc:dddd:2222:2222", id: 5, flags: [signal]}]}
links:
  - {name: a, ends: [{host: client, addresses: ["2001:db8:aaaa:bbbb:cccc:dddd:1111:1111/112"]}, {host: server, addresses: ["2001:db8:aaaa:bbbb:cccc:dddd:1111:2222/112"]}]}
  - {name: b, ends: [{host: client, addresses: ["2001:db8:aaaa:bbbb:cccc:dddd:2222:1111/112"]}, {host: server, addresses: ["2001:db8:aaaa:bbbb:cccc:dddd:2222:2222/112"]}]}
`

// atTerminal runs conns at a terminal, and returns what it shows until it ends or
// has shown a text so many times.
func (l *connsLab) atTerminal(rows, columns int, env string, until string, times int, args ...string) (shown string, cmd *exec.Cmd) {
	l.t.Helper()
	master, slave, err := pty.Open()
	must(l.t, err)
	defer master.Close()
	must(l.t, pty.Setsize(master, &pty.Winsize{Rows: uint16(rows), Cols: uint16(columns)}))
	c := l.Host("client").Command(l.path, append([]string{"conns"}, args...)...)
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=", env)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(l.t, c.Start())
	slave.Close()
	stop := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	defer stop.Stop()
	var seen bytes.Buffer
	for b := make([]byte, 4096); ; {
		n, err := master.Read(b)
		seen.Write(b[:n])
		if until != "" && strings.Count(seen.String(), until) >= times {
			_, _ = master.WriteString("\x03")
			until = ""
		}
		if err != nil {
			break
		}
	}
	_ = c.Wait()
	return strings.ReplaceAll(seen.String(), "\r\n", "\n"), c.Cmd
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// TestConnsTerminal: at 80 columns no line is longer, no address is torn, colours
// can be switched off.
func TestConnsTerminal(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := buildLab(t, longLab)
		_, accepted := l.listen("[::]:40000")
		l.connect("[2001:db8:aaaa:bbbb:cccc:dddd:1111:2222]:40000", accepted)
		eventually(t, "two subflows", func() bool { return strings.Contains(l.ok("client"), "2 established of 4") })
		colored, _ := l.atTerminal(24, 80, "", "", 0)
		plain, _ := l.atTerminal(24, 80, "NO_COLOR=1", "", 0)
		if !strings.Contains(colored, "\x1b[32mESTABLISHED\x1b[0m") || strings.Contains(plain, "\x1b") {
			t.Errorf("with colours\n%q\nwithout\n%q", colored, plain)
		}
		if a, b := steady(escape.ReplaceAllString(colored, "")), steady(plain); a != b {
			t.Errorf("colours change\n%s\nto\n%s", b, a)
		}
		for line := range strings.Lines(plain) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		const want = `
ESTABLISHED  [2001:db8:aaaa:bbbb:cccc:dddd:1111:1111]:P
      -> [2001:db8:aaaa:bbbb:cccc:dddd:1111:2222]:P  token T
      2 established of 4  sent 5 B  received 0 B  retransmitted 0 B
      idle N s
  ESTABLISHED  [2001:db8:aaaa:bbbb:cccc:dddd:1111:1111]:P
      -> [2001:db8:aaaa:bbbb:cccc:dddd:1111:2222]:P  initial  dev a
`
		if got := steady(plain); !strings.HasPrefix(joined(got), joined(want[1:])) {
			t.Errorf("at 80 columns:\n%s\nwant\n%s", got, want)
		}
		if one := steady(l.ok("client")); joined(one) != joined(steady(plain)) {
			t.Errorf("a pipe gets\n%s\nat a terminal it is\n%s", one, plain)
		}
		if none, _ := l.atTerminal(24, 80, "", "", 0, "::1"); none != "allroads: no MPTCP connections\n" {
			t.Errorf("without connections: %q", none)
		}
	})
}

// joined is a text as if it had not been wrapped.
func joined(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestConnsRedraws: what fits is drawn in its place, what does not goes on.
func TestConnsRedraws(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, "", "", "", "")
		_, accepted := l.listen("10.0.1.2:4000")
		l.connect("10.0.1.2:4000", accepted)
		fits, cmd := l.atTerminal(24, 80, "", "1 connection", 3, "--watch", "50ms")
		if code := exitCodeOf(cmd); code != 130 || !strings.HasSuffix(fits, "allroads: interrupted\n") {
			t.Errorf("Ctrl-C: exit code %d, %q", code, fits)
		}
		looks := strings.Split(fits, "\x1b[J")
		for i, look := range looks[:len(looks)-1] {
			if up := fmt.Sprintf("\x1b[%dA\r", strings.Count(look, "\n")); !strings.HasSuffix(look, up) {
				t.Errorf("look %d of %d is not gone up by %q: %q", i, len(looks), up, look)
			}
		}
		if len(looks) < 3 {
			t.Errorf("it is not drawn in its place: %q", fits)
		}
		if long, _ := l.atTerminal(4, 80, "", "1 connection", 3, "--watch", "50ms"); strings.Contains(long, "\x1b[J") {
			t.Errorf("what does not fit is drawn over: %q", long)
		}
	})
}
