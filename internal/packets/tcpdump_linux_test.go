package packets_test

import (
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/packets"
)

var (
	tcpdumpFlags  = regexp.MustCompile(`Flags \[([^]]+)\]`)
	tcpdumpOption = regexp.MustCompile(`mptcp \d+ (capable|join|dss|add-addr|rem-addr|prio|fail|fast-close)([^,\]\[{]*)(\[bad opt\]|\{[^}]*\})?`)
	tcpdumpField  = regexp.MustCompile(`(ack|seq|subseq|len|csum|id|token|nonce|hmac|key) (\S+)`)
)

// tcpdumpNames are the names that we have for tcpdump's, by option where they are
// not the same in all.
var tcpdumpNames = map[string]string{
	"ack": "data ack", "seq": "dsn", "subseq": "ssn", "len": "data_len", "key": "receiver_key", "add-addr hmac": "address hmac",
}

// tcpdump returns what tcpdump says of MPTCP, and whether that is all: 4.99 does
// not know all lengths of MP_CAPABLE.
func tcpdump(line string) (s said, all bool) {
	s = said{}
	for _, option := range tcpdumpOption.FindAllStringSubmatch(line, -1) {
		if option[3] == "[bad opt]" {
			return nil, false
		}
		if option[1] == "rem-addr" {
			for _, id := range strings.Fields(option[2])[1:] {
				s.addNumber("id", id)
			}
			continue
		}
		for i, key := range strings.Split(strings.Trim(option[3], "{}"), ",") {
			s.addNumber([]string{"sender_key", "receiver_key"}[i], key)
		}
		for _, f := range tcpdumpField.FindAllStringSubmatch(option[2], -1) {
			name := f[1]
			switch {
			case tcpdumpNames[option[1]+" "+name] != "":
				name = tcpdumpNames[option[1]+" "+name]
			case name == "hmac" && len(f[2]) <= 18:
				name = "short hmac"
			case tcpdumpNames[name] != "":
				name = tcpdumpNames[name]
			}
			s.addNumber(name, f[2])
		}
	}
	return s, true
}

// tcpdumpCommand prints a file. tcpdump gives up being root, which it cannot in a
// user namespace: there it is another user, in one of its own. It gets a time
// zone, as it otherwise looks for one for each packet.
func tcpdumpCommand(tb testing.TB, path string) *exec.Cmd {
	tb.Helper()
	command := exec.Command("tcpdump", "-n", "-tt", "-r", path)
	command.Env = append(os.Environ(), "TZ=UTC")
	if command.Err != nil {
		missing(tb, command.Err)
	}
	users, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		tb.Fatal(err)
	}
	if os.Getuid() == 0 && strings.Join(strings.Fields(string(users)), " ") != "0 0 4294967295" {
		command.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 1000, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 1000, Size: 1}},
		}
	}
	return command
}

// tcpdumpLines are of the packets as they are in a plain file.
func tcpdumpLines(t *testing.T, path string) []string {
	t.Helper()
	out, err := tcpdumpCommand(t, path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

func compareWithTcpdump(t *testing.T, path string, lines []string) {
	t.Helper()
	theirs := tcpdumpLines(t, path)
	if len(theirs) != len(lines) {
		t.Fatalf("tcpdump sees %d packets of %d", len(theirs), len(lines))
	}
	compared := 0
	for i, line := range lines {
		if flags := tcpdumpFlags.FindStringSubmatch(theirs[i]); flags != nil && !strings.Contains(line, " ["+flags[1]+"] seq ") {
			t.Errorf("packet %d: flags are not %s:\n%s", i+1, flags[1], line)
		}
		want, all := tcpdump(theirs[i])
		if !all {
			continue
		}
		ours := parse(t, line)
		for _, name := range []string{
			"sender_key", "receiver_key", "data ack", "dsn", "ssn", "data_len", "csum", "token", "nonce", "hmac", "short hmac", "address hmac", "id",
		} {
			got := ours[name]
			if name == "data_len" && slices.Contains(ours["subtype"], "0") {
				continue // tcpdump leaves that of MP_CAPABLE out.
			}
			compared += len(want[name])
			if !slices.Equal(got, want[name]) {
				t.Errorf("packet %d, %s: %v, tcpdump: %v\n%s\n%s", i+1, name, got, want[name], line, theirs[i])
			}
		}
	}
	if compared < len(lines)/2 {
		t.Errorf("%d fields compared in %d lines", compared, len(lines))
	}
}

// unpacked is the path of a capture as tcpdump can read it.
func unpacked(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(unzip)
	if err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(t.TempDir(), "plain.pcapng")
	if err := os.WriteFile(plain, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestTimesLikeTcpdump: times since 1970, and of day.
func TestTimesLikeTcpdump(t *testing.T) {
	path := unpacked(t, kept(t)[0])
	theirs := tcpdumpLines(t, path)
	for i, line := range lines(t, path, packets.Options{Time: packets.Epoch}) {
		second, _, _ := strings.Cut(theirs[i], " ") // to the microsecond
		if got := strings.Fields(line)[1]; len(got) != len(second)+3 || !strings.HasPrefix(got, second) {
			t.Errorf("packet %d is of %s, tcpdump: %s", i+1, got, second)
		}
	}
}
