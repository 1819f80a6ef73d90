package lab_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

// TestManyHostsAtOnce runs code in 64 hosts at once, while other goroutines look
// again and again whether the namespace that they run in is still the test's own.
// Nothing of it is left when the lab is closed.
func TestManyHostsAtOnce(t *testing.T) {
	const hosts = 64
	netnstest.Require(t)
	noCollection(t)
	ours, err := namespace()
	must(t, err)
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	network, err := lab.Up(t.Context(), circle(hosts), lab.Options{})
	must(t, err)
	defer network.Close()
	threads := len(ourThreads(t)) // The runtime keeps some for the next time.

	stop := make(chan struct{})
	var watchers, workers sync.WaitGroup
	for range 8 {
		watchers.Go(func() { watchNamespace(t, ours, stop) })
	}
	for i := range hosts {
		workers.Go(func() { workIn(t, network.Host(fmt.Sprintf("host%d", i)), ours) })
	}
	workers.Wait()
	close(stop)
	watchers.Wait()
	awaitAtMost(t, "threads in hosts", 0, func() (elsewhere int) {
		for _, ns := range ourThreads(t) {
			if ns != ours {
				elsewhere++
			}
		}
		return elsewhere
	})
	must(t, network.Close())
	awaitAtMost(t, "open files", len(files), func() int { return len(openFiles(t)) })
	awaitAtMost(t, "goroutines", goroutines, runtime.NumGoroutine)
	// What serves the 64 hosts and the 8 watchers at once must not be as many
	// threads more: those that were in a host are gone.
	awaitAtMost(t, "threads", threads+hosts/2, func() int { return len(ourThreads(t)) })
}

// watchNamespace yields as often as it can, so that it comes to run on other
// threads.
func watchNamespace(t *testing.T, ours string, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		if now, err := namespace(); err != nil || now != ours {
			t.Errorf("a goroutine of the test's runs in %s, %v; the test in %s", now, err, ours)
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// workIn does some of all that a function may do in a host, and sees to it that
// each call is in the same namespace, also after sleep.
func workIn(t *testing.T, host *lab.Host, ours string) {
	theirs := ""
	in := func(do func() error) error {
		return host.Run(func() error {
			before, err := namespace()
			if theirs == "" {
				theirs = before
			}
			if err != nil || before == ours || before != theirs {
				return fmt.Errorf("%s runs in %s, %v; was in %s", host.Name, before, err, theirs)
			}
			err = do()
			if after, afterErr := namespace(); after != theirs || afterErr != nil {
				return fmt.Errorf("%s runs in %s, %v, afterwards", host.Name, after, afterErr)
			}
			return err
		})
	}
	mine := errors.New("mine")
	for range 4 {
		for want, do := range map[error]func() error{
			nil:  listenAndDial,
			mine: func() error { time.Sleep(time.Millisecond); runtime.Gosched(); return mine },
		} {
			if err := in(do); err != want {
				t.Errorf("%s: error %v, want %v", host.Name, err, want)
			}
		}
	}
}

// listenAndDial takes the same address in each host.
func listenAndDial() error {
	listener, err := net.Listen("tcp", "127.0.0.1:80")
	if err != nil {
		return err
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", "127.0.0.1:80")
	if err != nil {
		return err
	}
	return conn.Close()
}

// ourThreads returns the network namespace of each of this process's threads.
func ourThreads(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("/proc/self/task/*/ns/net")
	must(t, err)
	threads := map[string]string{}
	for _, path := range paths {
		// A thread that has just ended has none.
		if ns, err := os.Readlink(path); err == nil {
			threads[path] = ns
		}
	}
	if len(threads) == 0 {
		t.Fatal("this process has no threads")
	}
	return threads
}

// awaitAtMost waits for something to be no more than before.
func awaitAtMost(t *testing.T, what string, most int, count func() int) {
	t.Helper()
	for deadline := time.Now().Add(patience); count() > most; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d %s are left, at most %d may be", count(), what, most)
		}
	}
}

// TestLabsAtOnce has eight labs of one topology, with the same names and
// addresses, at the same time: each carries its own traffic and no other's, and
// the end of one is nothing to the others.
func TestLabsAtOnce(t *testing.T) {
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			network := up(t, circle(3))
			for range 1 + i%3 {
				crossTraffic(t, network)
			}
			if i%2 == 1 {
				must(t, network.Link("link0").Down())
				must(t, network.Close())
			}
		})
	}
}
