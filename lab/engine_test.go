package lab_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

// changeable builds a lab of one plain link, whose engine is that of the kernel or
// ours, if it ever needs one.
func changeable(t *testing.T, engine lab.Engine) (*lab.Lab, *lab.Link) {
	t.Helper()
	netnstest.Require(t)
	topology := circle(2)
	topology.Links, topology.Engine = topology.Links[:1], engine
	network, err := lab.Up(t.Context(), topology, lab.Options{Changeable: true})
	must(t, err)
	t.Cleanup(func() { must(t, network.Close()) })
	return network, network.Link("link0")
}

// bothEngines runs a test with the engine in userspace, and with whatever else
// this kernel has.
func bothEngines(t *testing.T, test func(t *testing.T, engine lab.Engine)) {
	for _, engine := range []lab.Engine{lab.EngineUserspace, lab.EngineAuto} {
		t.Run(string(engine), func(t *testing.T) { test(t, engine) })
	}
}

// talk has a connection to a host that sends everything back.
func talk(t *testing.T, network *lab.Lab) net.Conn {
	t.Helper()
	listener, err := network.Host("host1").Listen(t.Context(), "tcp", "10.0.0.2:7")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.Copy(conn, conn)
			conn.Close()
		}
	}()
	conn, err := network.Host("host0").Dial(t.Context(), "tcp", "10.0.0.2:7")
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// answers sends bytes over a connection and expects them back.
func answers(t *testing.T, conn net.Conn, n int) {
	t.Helper()
	sent := make([]byte, n)
	for i := range sent {
		sent[i] = byte(rand.Uint32())
	}
	must(t, conn.SetDeadline(time.Now().Add(6*patience)))
	go func() { _, _ = conn.Write(sent) }()
	got := make([]byte, n)
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("over TCP, %d bytes come back as others, %v", n, err)
	}
}

// eventually sends datagrams until one is answered.
func eventually(t *testing.T, c net.Conn) {
	t.Helper()
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		// A link that is down refuses what is sent.
		if _, err := c.Write([]byte("ping")); err != nil {
			continue
		}
		must(t, c.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
		if _, err := c.Read(make([]byte, 16)); err == nil {
			return
		}
	}
	t.Fatal("no answer")
}

// expectEngine asks what carries a link's packets.
func expectEngine(t *testing.T, network *lab.Lab, want string) {
	t.Helper()
	state, err := network.State()
	must(t, err)
	if got := state.Links[0].Engine; got != want {
		t.Errorf("the link's packets pass the %s, want the %s", got, want)
	}
}

// TestChangeable: a plain link can become any other and plain again, and
// connections live on.
func TestChangeable(t *testing.T) {
	bothEngines(t, func(t *testing.T, engine lab.Engine) {
		network, link := changeable(t, engine)
		c, conn := echo(t, network, "host0", "host1", "10.0.0.2:9"), talk(t, network)
		eventually(t, c)
		answers(t, conn, payload)
		expectEngine(t, network, "kernel")
		const delay = 60 * time.Millisecond
		must(t, link.Set(lab.Impairment{Delay: delay}))
		if engine == lab.EngineUserspace {
			expectEngine(t, network, "userspace")
		}
		if took, ok := roundTrip(t, c, patience); !ok || took < 2*delay {
			t.Errorf("delayed by %v, a round trip takes %v, %v", delay, took, ok)
		}
		answers(t, conn, payload)
		must(t, link.SetEnd(0, lab.Impairment{}))
		if took, ok := roundTrip(t, c, patience); !ok || took < delay {
			t.Errorf("delayed by %v in one direction, a round trip takes %v, %v", delay, took, ok)
		}
		must(t, link.SetEnd(1, lab.Impairment{}))
		expectQuick(t, c, delay)
		must(t, link.Set(lab.Impairment{Loss: 100}))
		if took, ok := roundTrip(t, c, 100*time.Millisecond); ok {
			t.Errorf("an answer comes after %v although all is lost", took)
		}
		must(t, link.Set(lab.Impairment{Rate: 50e6}))
		answers(t, conn, payload)
		must(t, link.Down())
		if _, err := c.Write([]byte("ping")); err == nil {
			t.Error("a link that is down takes packets")
		}
		must(t, link.Up())
		eventually(t, c)
		must(t, link.Set(lab.Impairment{}))
		answers(t, conn, payload)
	})
}

// expectQuick expects that one of several round trips is below a bound.
func expectQuick(t *testing.T, c net.Conn, below time.Duration) {
	t.Helper()
	for range 20 {
		if took, ok := roundTrip(t, c, patience); ok && took < below {
			return
		}
	}
	t.Errorf("no round trip takes less than %v", below)
}

// TestChangesAtRandom changes a link 20 times while a connection sends over it.
func TestChangesAtRandom(t *testing.T) {
	bothEngines(t, func(t *testing.T, engine lab.Engine) {
		network, link := changeable(t, engine)
		conn := talk(t, network)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			dice := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				if err := change(link, dice); err != nil {
					t.Error(err)
				}
				time.Sleep(10 * time.Millisecond)
			}
			close(stop)
		}()
		for changing := true; changing && !t.Failed(); {
			select {
			case <-stop:
				changing = false
			default:
				answers(t, conn, payload)
			}
		}
		<-stopped
		must(t, link.Set(lab.Impairment{}))
		answers(t, conn, payload)
	})
}

func change(link *lab.Link, dice *rand.Rand) error {
	some := lab.Impairment{}
	switch dice.IntN(6) {
	case 0:
		some.Rate = lab.Rate(20e6 + dice.IntN(500e6))
	case 1:
		some.Delay = time.Duration(dice.IntN(5e6))
	case 2:
		some.Delay, some.Reorder, some.Rate = time.Duration(1+dice.IntN(5e6)), 5, 1e8
	case 3:
		some.Loss, some.Duplicate = lab.Percent(dice.Float64()), 1
	case 4:
		if err := link.Down(); err != nil {
			return err
		}
		return link.Up()
	}
	return link.SetEnd(dice.IntN(2), some)
}

// TestChangedLabGone closes labs whose link is in each of the states it can be in.
func TestChangedLabGone(t *testing.T) {
	states := map[string]func(*lab.Link) error{
		"plain":   func(*lab.Link) error { return nil },
		"shaped":  func(l *lab.Link) error { return l.Set(lab.Impairment{Rate: 1e6}) },
		"delayed": func(l *lab.Link) error { return l.SetEnd(1, lab.Impairment{Delay: time.Hour}) },
		"plain again": func(l *lab.Link) error {
			if err := l.Set(lab.Impairment{Loss: 50}); err != nil {
				return err
			}
			return l.Set(lab.Impairment{})
		},
		"down":             func(l *lab.Link) error { return l.Down() },
		"delayed and down": func(l *lab.Link) error { _ = l.Set(lab.Impairment{Delay: 1e6}); return l.Down() },
	}
	bothEngines(t, func(t *testing.T, engine lab.Engine) {
		noCollection(t)
		for name, reach := range states {
			t.Run(name, func(t *testing.T) {
				files, goroutines := openFiles(t), runtime.NumGoroutine()
				threads := len(ourThreads(t))
				t.Run("lab", func(t *testing.T) {
					network, link := changeable(t, engine)
					_, _ = echo(t, network, "host0", "host1", "10.0.0.2:9").Write([]byte("ping"))
					must(t, reach(link))
					must(t, network.Close())
				})
				awaitAtMost(t, "open files", len(files), func() int { return len(openFiles(t)) })
				awaitAtMost(t, "goroutines", goroutines, runtime.NumGoroutine)
				awaitAtMost(t, "threads", threads+8, func() int { return len(ourThreads(t)) })
			})
		}
	})
}
