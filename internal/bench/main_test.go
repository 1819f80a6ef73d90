package bench

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/examples"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(play(role))
	}
	netnstest.Main(m)
}

// patience is how long anything may take on a busy machine.
const patience = time.Minute

// network is a lab with a server in it.
type network struct {
	t      testing.TB
	lab    *lab.Lab
	server netip.AddrPort

	mu      sync.Mutex
	refused []error
	ended   chan ended
	failed  error         // of Serve
	served  chan struct{} // closed when it has returned
	stop    func()        // ends it
}

func (n *network) refusals() []error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.refused)
}

// hasRefused waits until the server has said why it refused somebody.
func (n *network) hasRefused(want string) bool {
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		for _, err := range n.refusals() {
			if strings.Contains(err.Error(), want) {
				return true
			}
		}
	}
	return false
}

type ended struct {
	session *Session
	err     error
}

// twoPaths is the example, with links that are shaped.
func twoPaths(t testing.TB, rates ...lab.Rate) *lab.Topology {
	t.Helper()
	topology, err := lab.Parse("two-paths.yaml", examples.TwoPaths)
	if err != nil {
		t.Fatal(err)
	}
	for i, rate := range rates {
		topology.Links[i].Rate = rate
	}
	return topology
}

// serve starts a server in the host of that name.
func serve(t testing.TB, topology *lab.Topology, server *Server) *network {
	t.Helper()
	n := &network{t: t, lab: lab.Start(t, lab.Value(topology)), ended: make(chan ended, 100), served: make(chan struct{})}
	for _, link := range slices.Backward(topology.Links) { // The first one stays.
		if end := link.Ends[1]; end.Host == "server" {
			n.server = netip.AddrPortFrom(end.Addresses[0].Addr(), DefaultPort)
		}
	}
	server.Observer.Ended = func(s *Session, err error) { n.ended <- ended{s, err} }
	server.Observer.Refused = func(_ netip.AddrPort, err error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.refused = append(n.refused, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	err := n.lab.Host("server").Run(func() error {
		return server.Listen(ctx, netip.MustParseAddrPort("[::]:8684"))
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(n.served)
		n.failed = server.Serve(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-n.served:
		case <-time.After(patience):
			t.Error("the server does not end")
		}
	})
	return n
}

// test is the test that most tests make.
func (n *network) options(change func(*Options)) Options {
	o := Options{Host: n.server.Addr().String(), Subflows: 2, RequireMPTCP: true,
		Params: Params{Mode: Throughput, Direction: Upload, Connections: 1, Duration: time.Second}}
	if change != nil {
		change(&o)
	}
	return o
}

func (n *network) run(ctx context.Context, o Options) (r *Result, err error) {
	failed := n.lab.Host(n.lab.Topology.Hosts[0].Name).Run(func() error {
		r, err = Run(ctx, o)
		return nil
	})
	return r, errors.Join(failed, err)
}

// measure makes a test that has to come to its end.
func (n *network) measure(change func(*Options)) *Result {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := n.run(ctx, n.options(change))
	if err != nil {
		n.t.Fatal(err)
	}
	if !r.Complete || len(r.Errors) > 0 {
		n.t.Fatalf("complete %v, errors %v", r.Complete, r.Errors)
	}
	return r
}
