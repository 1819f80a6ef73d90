package sockdiag_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"allroads/internal/netns"
)

// holdVariable makes this test program open connections, and hold them until its
// standard input ends.
const holdVariable = "SOCKDIAG_HOLD"

// holdMost is as many connections as a process can have, with both ends, where
// it may not raise its limit of 20,000 files.
const holdMost = 8000

// holders opens n connections in processes of their own.
func holders(t testing.TB, ns *netns.NS, n int) {
	t.Helper()
	for ; n > 0; n -= holdMost {
		holder(t, ns, min(n, holdMost))
	}
}

func holder(t testing.TB, ns *netns.NS, n int) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), holdVariable+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := ns.Do(cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the process with %d connections: %v", n, err)
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "ready" {
		t.Fatalf("the process with %d connections says %q, %v", n, line, err)
	}
}

func hold(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var p pairs
	err = p.listen(any4)
	if err == nil {
		err = p.connect(n, one)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
		return 1
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}
