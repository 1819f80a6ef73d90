package oracle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"testing"
	"time"

	"allroads/internal/capture"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/trace"
)

// scene is traffic that is captured once, for all tests.
type scene struct {
	name     string
	topology func() *lab.Topology
	play     func(*stage) error

	once sync.Once
	kept *recording
	err  error
}

// recording is what came of a scene.
type recording struct {
	scene    *scene
	settle   func()         // waits until nothing is captured any more
	files    [2][]byte      // pcapng, as captured at the client and at the server
	packets  []trace.Packet // of the client's
	links    []string
	report   *trace.Report    // of the client's, which is reports[client]
	reports  [2]*trace.Report // of each
	bare     [2]uint64        // of each: SYN/ACKs and FINs without payload that it sent again
	counters [2]counters      // of the client's kernel and the server's, when all was over
	pairs    []*pair
}

// recorded returns a scene's recording, which is made when it is asked for first.
func recorded(t testing.TB, s *scene) *recording {
	t.Helper()
	netnstest.Require(t)
	s.once.Do(func() { s.kept, s.err = s.record() })
	if s.err != nil {
		t.Fatalf("%s: %v", s.name, s.err)
	}
	return s.kept
}

// atOnce is how many scenes are played at a time: they wait more than they work.
const atOnce = 8

// everyScene runs a test for each scene. All begin to be played at once.
func everyScene(t *testing.T, test func(*testing.T, *recording)) {
	netnstest.Require(t)
	playAll()
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) { test(t, recorded(t, s)) })
	}
}

var playAll = sync.OnceFunc(func() {
	turns := make(chan struct{}, atOnce)
	for _, s := range scenes {
		go s.once.Do(func() {
			turns <- struct{}{}
			s.kept, s.err = s.record()
			<-turns
		})
	}
})

// attempts is how often a scene is played that cannot be played to its end. Once in some
// ten runs a connection of Linux 6.18 that fell back while data came was seen to stand
// still.
const attempts = 3

func (s *scene) record() (r *recording, err error) {
	for range attempts {
		if r, err = s.attempt(); err == nil {
			return r, nil
		}
	}
	return nil, err
}

func (s *scene) attempt() (r *recording, err error) {
	network, err := lab.Up(context.Background(), s.topology(), lab.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	stage := &stage{network: network}
	// Any address of either family, and MP_JOINs to all of them.
	stage.listener, err = listen(network.Host(hosts[server]), netip.AddrPortFrom(netip.IPv6Unspecified(), port))
	if err != nil {
		return nil, err
	}
	defer stage.listener.Close()
	r = &recording{scene: s}
	stop, err := r.capture(network)
	if err != nil {
		return nil, err
	}
	err = s.play(stage)
	r.settle() // What is sent again at the end, the kernel counts.
	for side, host := range hosts {
		var counted error
		r.counters[side], counted = readCounters(network.Host(host))
		err = errors.Join(err, counted)
	}
	if err = errors.Join(err, stop()); err != nil {
		return nil, err
	}
	r.pairs = stage.pairs
	r.links, r.packets, err = readCapture(r.files[client])
	if err != nil {
		return nil, err
	}
	r.report = analyze(r.links, r.packets)
	links, packets, err := readCapture(r.files[server])
	r.reports = [2]*trace.Report{r.report, analyze(links, packets)}
	r.bare = [2]uint64{bareAgain(r.packets, client), bareAgain(packets, server)}
	return r, err
}

// errLost is a capture that this machine was too busy for.
var errLost = errors.New("the capture lost packets")

// capture captures at both hosts until the function that it returns is called.
func (r *recording) capture(network *lab.Lab) (stop func() error, err error) {
	var buffers [2]bytes.Buffer
	var captures [2]*lab.Capture
	for side, host := range hosts {
		if captures[side], err = network.Host(host).Capture(&buffers[side]); err != nil {
			return nil, err
		}
	}
	r.settle = func() { quiet(captures[:]) }
	return func() error {
		r.settle()
		var all error
		for side := range hosts {
			dropped, err := captures[side].Stop()
			if err == nil && dropped > 0 {
				err = fmt.Errorf("%w: %d at the %s", errLost, dropped, hosts[side])
			}
			all = errors.Join(all, err)
			r.files[side] = buffers[side].Bytes()
		}
		return all
	}, nil
}

// quiet waits until no more packets come: the last ones of a connection do when its
// sockets are closed already.
func quiet(captures []*lab.Capture) {
	for before := uint64(0); ; time.Sleep(100 * time.Millisecond) {
		now := uint64(0)
		for _, c := range captures {
			now += c.Packets()
		}
		if now == before {
			return
		}
		before = now
	}
}

// readCapture reads a capture file into memory.
func readCapture(file []byte) (links []string, packets []trace.Packet, err error) {
	f, err := capture.NewFile(bytes.NewReader(file), "scene")
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	var p capture.Packet
	for {
		err := f.Read(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		packets = append(packets, trace.Packet{
			Time: p.Time, Interface: p.Interface, Length: p.Length, Data: bytes.Clone(p.Data),
		})
	}
	for _, i := range f.Interfaces() {
		links = append(links, i.Name)
	}
	return links, packets, nil
}

func analyze(links []string, packets []trace.Packet) *trace.Report {
	a := trace.New(links)
	for i := range packets {
		a.Add(&packets[i])
	}
	return a.Report()
}
