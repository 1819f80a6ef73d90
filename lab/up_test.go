package lab_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

// up builds a lab that is gone after the test.
func up(t testing.TB, topology *lab.Topology) *lab.Lab {
	t.Helper()
	netnstest.Require(t)
	network, err := lab.Up(t.Context(), topology, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { network.Close() })
	return network
}

// bare returns a topology of hosts alone.
func bare(name string, hosts ...string) *lab.Topology {
	topology := &lab.Topology{Name: name}
	for _, host := range hosts {
		topology.Hosts = append(topology.Hosts, lab.HostConfig{Name: host})
	}
	return topology
}

// namespace returns what the kernel calls the calling thread's namespace.
func namespace() (string, error) { return os.Readlink("/proc/thread-self/ns/net") }

func TestUpObserves(t *testing.T) {
	netnstest.Require(t)
	topology := twoPaths(t)
	var seen []string
	network, err := lab.Up(t.Context(), topology, lab.Options{Observe: func(s lab.Step) { seen = append(seen, s.Command) }})
	if err != nil {
		t.Fatal(err)
	}
	defer network.Close()
	if want := lab.Commands(topology); !slices.Equal(seen, want) {
		t.Errorf("observed %q, want %q", seen, want)
	}
	if network.Topology.Name != topology.Name {
		t.Error("the lab does not know its topology")
	}
}

func TestUpRefusesInvalid(t *testing.T) {
	_, err := lab.Up(t.Context(), &lab.Topology{Name: "a b"}, lab.Options{Observe: func(s lab.Step) { t.Errorf("step %s", s.Command) }})
	want := "build lab: " + (&lab.Topology{Name: "a b"}).Validate().Error()
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Functions run at once in several hosts, each in its own.
func TestDoManyAtOnce(t *testing.T) {
	network := up(t, bare("many", "a", "b", "c"))
	ours, err := namespace()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{ours: "the test"}
	var mu sync.Mutex
	var workers sync.WaitGroup
	for i := range 64 {
		host := string(rune('a' + i%3))
		workers.Go(func() {
			for range 5 {
				err := network.Host(host).Run(func() error {
					name, err := namespace()
					mu.Lock()
					defer mu.Unlock()
					if other, known := found[name]; known && other != host {
						return fmt.Errorf("in %s of %s", name, other)
					}
					found[name] = host
					return err
				})
				if err != nil {
					t.Errorf("%s: %v", host, err)
				}
			}
		})
	}
	workers.Wait()
	if len(found) != 4 {
		t.Errorf("namespaces %v, want 4", found)
	}
	if now, err := namespace(); now != ours || err != nil {
		t.Errorf("the test itself is in %s, %v; was in %s", now, err, ours)
	}
}

func TestDoReturnsError(t *testing.T) {
	network := up(t, bare("one", "a"))
	want := errors.New("mine")
	if err := network.Host("a").Run(func() error { return want }); err != want {
		t.Errorf("error %v", err)
	}
}

func TestCloseTwice(t *testing.T) {
	network := up(t, twoPaths(t))
	host := network.Host("client")
	if host == nil || host.Name != "client" || network.Host("nobody") != nil {
		t.Errorf("hosts %v, %v", host, network.Host("nobody"))
	}
	for range 2 {
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	}
	if network.Host("client") != nil {
		t.Error("a host after Close")
	}
	if err := host.Run(func() error { return nil }); err == nil {
		t.Error("no error in a host that is gone")
	}
	if _, err := network.Keep(); err == nil || err.Error() != "keep lab two-paths: the lab is closed" {
		t.Errorf("keep: %v", err)
	}
}

// Two labs of one topology have the same names and addresses, and nothing else
// in common.
func TestTwoLabs(t *testing.T) {
	first, second := up(t, twoPaths(t)), up(t, twoPaths(t))
	crossTraffic(t, first)
	crossTraffic(t, second)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	crossTraffic(t, first)
}

// Labs can be built and closed from several goroutines.
func TestUpAtOnce(t *testing.T) {
	netnstest.Require(t)
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			network, err := lab.Up(context.Background(), twoPaths(t), lab.Options{})
			if err == nil {
				err = network.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
}
