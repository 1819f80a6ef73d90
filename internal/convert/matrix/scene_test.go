package matrix

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"allroads/lab"
)

// scene is a lab of two hosts: programs run here, and there is whom they talk to. All that
// passes is captured.
type scene struct {
	here, there *lab.Host
	capture     *lab.Capture
	file        bytes.Buffer
	ports       atomic.Uint32
}

// Addresses of both, of each family.
var (
	hereAt  = []netip.Addr{netip.MustParseAddr("10.71.0.1"), netip.MustParseAddr("fd71::1")}
	thereAt = []netip.Addr{netip.MustParseAddr("10.71.0.2"), netip.MustParseAddr("fd71::2")}
)

func newScene(t *testing.T) *scene {
	t.Helper()
	ends := []lab.EndConfig{{Host: "here"}, {Host: "there"}}
	for family, bits := range []int{24, 64} {
		ends[0].Addresses = append(ends[0].Addresses, netip.PrefixFrom(hereAt[family], bits))
		ends[1].Addresses = append(ends[1].Addresses, netip.PrefixFrom(thereAt[family], bits))
	}
	network := lab.Start(t, lab.Value(&lab.Topology{
		Name:  "matrix",
		Hosts: []lab.HostConfig{{Name: "here"}, {Name: "there"}},
		Links: []lab.LinkConfig{{Name: "wire", Ends: ends}},
	}))
	s := &scene{here: network.Host("here"), there: network.Host("there")}
	var err error
	if s.capture, err = s.here.Capture(&s.file); err != nil {
		t.Fatal(err)
	}
	return s
}

// processes are those of the programs' host, with what they execute.
func (s *scene) processes(t *testing.T) map[int]string {
	t.Helper()
	var own string
	if err := s.here.Run(func() (err error) {
		own, err = os.Readlink("/proc/thread-self/ns/net")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	found := map[int]string{}
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range all {
		if space, err := os.Readlink(process + "/ns/net"); err == nil && space == own {
			pid, _ := strconv.Atoi(filepath.Base(process))
			found[pid], _ = os.Readlink(process + "/exe")
		}
	}
	return found
}

// empty demands that all processes end.
func (s *scene) empty(t *testing.T) {
	t.Helper()
	var left map[int]string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if left = s.processes(t); len(left) == 0 {
			return
		}
	}
	t.Errorf("processes are left: %v", left)
}

// port is one that nobody else in the scene has.
func (s *scene) port() uint16 { return uint16(20000 + s.ports.Add(1)) }
