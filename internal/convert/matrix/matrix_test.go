package matrix

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"allroads/internal/convert"
	"allroads/internal/vm"
)

// TestMatrix: every program, by every strategy, of either user, IPv4 and IPv6, as
// client and as server: an MPTCP socket in the program, MP_CAPABLE on the wire, and
// all of it in the report.
func TestMatrix(t *testing.T) {
	for _, s := range strategies {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			if s == convert.BPF {
				allowBPF(t)
			}
			playAll(t, cells(s))
		})
	}
}

func playAll(t *testing.T, all []*cell) {
	scene := newScene(t)
	t.Run("cells", func(t *testing.T) {
		for _, c := range all {
			c.port = scene.port()
			t.Run(c.String(), func(t *testing.T) {
				t.Parallel()
				c.play(t, scene)
			})
		}
	})
	scene.empty(t)
	wire := scene.wire(t)
	for _, c := range all {
		if c.played {
			c.judge(t, wire)
		}
	}
}

// play runs a cell.
func (c *cell) play(t *testing.T, scene *scene) {
	command := c.words(t)
	c.played = true
	j := job{host: scene.here, user: c.user, strategy: c.strategy, program: command}
	var r *running
	var err error
	if c.server {
		r, err = c.playServer(t, scene, j)
	} else {
		r, err = c.playClient(t, scene, j)
	}
	if err != nil {
		t.Errorf("the other end: %v", err)
	}
	c.check(t, r.all())
}

func (c *cell) playClient(t *testing.T, scene *scene, j job) (*running, error) {
	started := make(chan *running, 1)
	served, err := serve(scene.there, netip.AddrPortFrom(thereAt[c.six], c.port), func() error { return (<-started).look() })
	if err != nil {
		t.Fatal(err)
	}
	r := j.start(t)
	started <- r
	r.expect(c.prints()...)
	return r, <-served
}

func (c *cell) playServer(t *testing.T, scene *scene, j job) (*running, error) {
	r := j.start(t)
	printed := c.prints()
	listens := slices.Index(printed, "ready") + 1
	r.expect(printed[:listens]...)
	err := call(scene.there, netip.AddrPortFrom(hereAt[c.six], c.port), r.look)
	r.expect(printed[listens:]...)
	return r, err
}

// allowBPF skips the test where the kernel refuses the BPF program, with its reason.
func allowBPF(t *testing.T) {
	t.Helper()
	scene := newScene(t)
	o := job{host: scene.here, user: root, strategy: convert.BPF, program: []string{program(t, "goprogram"), "many", "0"}}.run(t)
	if o.code == 3 && strings.Contains(o.said, "bpf: ") && !vm.Inside() {
		t.Skip(o.said)
	}
	if o.code != 0 {
		t.Fatalf("exit code %d: %s", o.code, o.said)
	}
}

// rules runs a server whose socket becomes one of MPTCP when it is bound.
func (c *cell) rules(t *testing.T, scene *scene) {
	r := job{
		host: scene.here, user: c.user, strategy: c.strategy, program: c.words(t),
		flags: []string{"--only", fmt.Sprintf(":%d", c.port)},
	}.start(t)
	for r.next() != "ready" {
	}
	if err := call(scene.there, netip.AddrPortFrom(hereAt[c.six], c.port), r.look); err != nil {
		t.Errorf("the other end: %v", err)
	}
	r.expect("accepted 262", "got ping")
	o := r.all()
	o.succeeded(t)
	o.counted(t, 1, 1)
	scene.empty(t)
	c.judge(t, scene.wire(t))
}
