package daemon

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allroads/internal/config"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

func netipPrefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

// TestForeignStays: what others made is not touched, and stays after the stop.
func TestForeignStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		foreign := pathmanager.Endpoint{Addr: netip.MustParseAddr("203.0.113.9"), ID: 9, Flags: pathmanager.Signal}
		if err := s.fake.AddEndpoint(context.Background(), foreign); err != nil {
			t.Fatal(err)
		}
		s.play(t)
		if got, want := s.endpoints(t), []string{both[0], both[1], "203.0.113.9"}; !slices.Equal(got, want) {
			t.Errorf("endpoints %v, want %v", got, want)
		}
		s.stop()
		if got := s.endpoints(t); !slices.Equal(got, []string{"203.0.113.9"}) {
			t.Errorf("endpoints %v after the stop", got)
		}
	})
}

// TestFlushIsRepaired: at the next regular check, and soon where a connection lost a subflow.
func TestFlushIsRepaired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		s.play(t)
		defer s.stop()
		if err := s.fake.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(config.Default().CheckEvery + time.Second)
		if got := s.endpoints(t); !slices.Equal(got, both) {
			t.Errorf("endpoints %v after the check", got)
		}
		event := established(1, "192.0.2.1:1000", "203.0.113.1:80")
		s.listener.Emit(event)
		if err := s.fake.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		event.Type = pathmanager.SubflowClosed
		s.listener.Emit(event)
		time.Sleep(100 * time.Millisecond)
		if got := s.endpoints(t); !slices.Equal(got, both) {
			t.Errorf("endpoints %v soon after a connection lost a subflow", got)
		}
	})
}

// TestAdopts: what a killed allroadsd has left is the next one's, and what is not wanted
// any more goes.
func TestAdopts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		s.play(t)
		s.keep = true // As SIGKILL does.
		s.stop()
		if got := s.endpoints(t); !slices.Equal(got, both) {
			t.Fatalf("endpoints %v", got)
		}
		next := newStage(t, config.Default())
		next.system.paths, next.fake, next.book = s.fake, s.fake, s.book
		next.network.picture.Addresses = next.network.picture.Addresses[:1]
		next.picture = next.network.Picture()
		var err error
		if next.record, err = next.book.read(next.place); err != nil {
			t.Fatal(err)
		}
		next.play(t)
		if got := next.endpoints(t); !slices.Equal(got, both[:1]) {
			t.Errorf("endpoints %v, want the one that is wanted", got)
		}
		if strings.Contains(next.log.String(), "endpoint add") {
			t.Errorf("it was added again:\n%s", next.log)
		}
		next.stop()
		limits, err := s.fake.Limits(context.Background())
		if err != nil || limits != (pathmanager.Limits{Subflows: 2}) && limits != (pathmanager.Limits{}) {
			t.Errorf("limits %+v after the stop, %v", limits, err)
		}
		if got := next.endpoints(t); len(got) != 0 {
			t.Errorf("endpoints %v after the stop", got)
		}
	})
}

// TestOnStopKeep leaves all as it is.
func TestOnStopKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config.Default()
		c.OnStop = config.Keep
		s := newStage(t, c)
		s.play(t)
		s.stop()
		if got := s.endpoints(t); !slices.Equal(got, both) {
			t.Errorf("endpoints %v after the stop", got)
		}
	})
}

// TestLossOfNetworkMessages is told, counted, and changes what the loss was about.
func TestLossOfNetworkMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		s.play(t)
		defer s.stop()
		s.network.change(true, func(p *rtnl.Picture) { p.Addresses = p.Addresses[1:] })
		synctest.Wait()
		if got := s.endpoints(t); !slices.Equal(got, both[1:]) {
			t.Errorf("endpoints %v", got)
		}
		if s.losses.Network != 1 || s.losses.Resyncs != 1 || s.losses.Last == nil || !strings.Contains(s.log.String(), "messages about the network were lost") {
			t.Errorf("%+v:\n%s", s.losses, s.log)
		}
	})
}

// TestReadOnlyState: without a place to write down what is ours nothing is added, since
// a killed allroadsd could not tell it from what others made.
func TestReadOnlyState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		s.book.dir = "/proc/nowhere"
		s.play(t)
		if got := s.endpoints(t); len(got) != 0 {
			t.Errorf("endpoints %v that are not written down", got)
		}
		s.stop()
	})
}

// TestIdleSleeps: without anything that happens, and without checks, no timer runs.
func TestIdleSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config.Default()
		c.CheckEvery = 0
		s := newStage(t, c)
		s.play(t)
		defer s.stop()
		time.Sleep(time.Second)
		synctest.Wait()
		if at, some := s.due(); some {
			t.Errorf("something is due at %s", at)
		}
	})
}
