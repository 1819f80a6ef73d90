package pathtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"allroads/internal/daemon"
	"allroads/lab"
)

// allroadsdMain is the whole of allroadsd.
func allroadsdMain(args []string) int { return daemon.Main(args) }

// allroadsd runs allroadsd in the client with a configuration of testdata, and returns
// when it manages paths.
func (s *site) allroadsd(config string) *process {
	s.Helper()
	return s.allroadsdIn(s.client, filepath.Join("testdata", config+".allroads.yaml"), s.tempDir())
}

// program builds allroadsd, once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "allroadsd")
	out, err := exec.Command("go", "build", "-o", path, "allroads/cmd/allroadsd").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// built is allroadsd as it is installed, for figures: this binary has more in it.
func built(t testing.TB) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Skipf("no allroadsd to measure: %v", err)
	}
	return path
}

// tempDir is as that of testing.TB, short enough for the path of a Unix socket.
func (s *site) tempDir() string {
	s.Helper()
	dir, err := os.MkdirTemp("", "pathtest")
	must(s, err)
	s.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// allroadsdIn runs it in any host, with its socket and its state in a folder.
func (s *site) allroadsdIn(host *lab.Host, config, dir string) *process {
	s.Helper()
	program, env, level := "/proc/self/exe", []string{roleVariable + "=allroadsd"}, "debug"
	if _, figures := s.TB.(*testing.B); figures {
		program, env, level = built(s), nil, "info"
	}
	p := s.start(host, append(env, "GORACE=atexit_sleep_ms=0"), program, "--config", config,
		"--socket", filepath.Join(dir, "control.sock"), "--state", dir, "--log-level", level)
	p.socket = filepath.Join(dir, "control.sock")
	s.await("allroadsd is ready", func() bool {
		select {
		case <-p.ended:
			s.Fatalf("allroadsd has ended: %s", p.log.String())
		default:
		}
		return strings.Contains(p.log.String(), readyText)
	})
	return p
}

// readyText is in the line that allroadsd writes when it manages paths.
const readyText = "msg=ready"
