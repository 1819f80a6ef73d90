package pathtest_test

import (
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/recorder"
	"allroads/lab"
	"allroads/trace"
)

// site is a lab with a client, whose packets are looked at, and a server.
type site struct {
	testing.TB
	lab            *lab.Lab
	client, server *lab.Host
	wire           *wireLog
	recorder       *recorder.Recorder
}

// build builds the lab of a file in testdata. Its client is under the userspace path
// manager, and nobody manages it yet.
func build(t testing.TB, file string) *site {
	t.Helper()
	alone(t)
	s := &site{TB: t, lab: lab.Start(t, lab.File(filepath.Join("testdata", file+".yaml"))), wire: newWireLog()}
	s.client, s.server = s.lab.Host("client"), s.lab.Host("server")
	return s
}

// watch begins to look at the packets of a host; what ends with the test says what they
// came to, unless it was called before.
func (s *site) watch(host string) {
	s.Helper()
	r, err := recorder.Start(s.lab, host, recorder.Options{Segment: s.wire.take, SnapLen: 160, RingBytes: 32 << 20})
	must(s, err)
	s.recorder = r
	s.Cleanup(func() { _, _ = r.Finish() })
}

// finish says what the packets came to. A capture that lost some is no judge.
func (s *site) finish() *trace.Report {
	s.Helper()
	report, err := s.recorder.Finish()
	must(s, err)
	return report
}

// in runs a program of the system in a host, and returns what it wrote.
func (s *site) in(host *lab.Host, words ...string) string {
	s.Helper()
	out, err := host.Command(words[0], words[1:]...).CombinedOutput()
	if err != nil {
		s.Fatalf("%s: %v: %s", strings.Join(words, " "), err, out)
	}
	return string(out)
}

// need skips a test for want of a program, or fails it where all has to be there.
func need(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		missing(t, "program "+program)
	}
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("ALLROADS_REQUIRE_KERNEL") == "1" {
		t.Fatalf("ALLROADS_REQUIRE_KERNEL=1, but missing: %s", what)
	}
	t.Skipf("missing: %s", what)
}

// set gives a host's network setting a value.
func (s *site) set(host *lab.Host, key, value string) {
	s.Helper()
	must(s, host.Run(func() error {
		return os.WriteFile("/proc/sys/"+strings.ReplaceAll(key, ".", "/"), []byte(value), 0)
	}))
}

// await waits until check is true.
func (s *site) await(what string, check func() bool) time.Duration {
	s.Helper()
	start := time.Now()
	for !check() {
		if time.Since(start) > patience {
			s.Fatalf("%s: not within %v", what, patience)
		}
		time.Sleep(2 * time.Millisecond)
	}
	return time.Since(start)
}

func words(text string) []string { return strings.Fields(text) }

func addr(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

// output is what a program writes, for when it is asked.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}
