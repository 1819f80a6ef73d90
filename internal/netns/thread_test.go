package netns_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// eventually waits for what the kernel does a moment later.
func eventually(t testing.TB, check func() error) {
	t.Helper()
	err := check()
	for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); err = check() {
		time.Sleep(2 * time.Millisecond)
	}
	if err != nil {
		t.Error(err)
	}
}

// threadsIn fails unless every thread of this process is in one namespace.
func threadsIn(want string) error {
	tasks, err := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		got, err := os.Readlink("/proc/self/task/" + task.Name() + "/ns/net")
		if err == nil && got != want {
			return fmt.Errorf("thread %s is in %s, want all in %s", task.Name(), got, want)
		}
	}
	return err
}

func entries(dir string) int {
	names, err := os.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	return len(names)
}

func TestDoDoesNotLeak(t *testing.T) {
	netnstest.Require(t)
	const namespaces, rounds = 64, 8
	outside, err := here()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range namespaces {
		ns := netnstest.New(t)
		inside := wants(t, ns)
		all.Go(func() {
			for range rounds {
				if err := errors.Join(ns.Do(both(inside, outside)), isHere(outside)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	eventually(t, func() error { return threadsIn(outside) })
}

// both checks, in Do, where the function is and where a goroutine is that it
// starts.
func both(inside func() error, outside string) func() error {
	return func() error {
		other := make(chan error)
		go func() { other <- isHere(outside) }()
		runtime.Gosched()
		return errors.Join(<-other, inside())
	}
}

func isHere(want string) error {
	if got, err := here(); err != nil || got != want {
		return fmt.Errorf("outside of Do: in %s, %v, want %s", got, err, want)
	}
	return nil
}

func TestNoLeak(t *testing.T) {
	netnstest.Require(t)
	descriptors, threads := entries("/proc/self/fd"), entries("/proc/self/task")
	for range 500 {
		ns, err := netns.New()
		if err != nil {
			t.Fatal(err)
		}
		if err := ns.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if now := entries("/proc/self/fd"); now > descriptors {
		t.Errorf("500 New and Close: %d descriptors, %d before", now, descriptors)
	}
	eventually(t, func() error {
		// The Go runtime may have started a few for itself.
		if now := entries("/proc/self/task"); now > threads+8 {
			return fmt.Errorf("500 New and Close: %d threads, %d before", now, threads)
		}
		return nil
	})
}

// TestCloseDuringDo closes namespaces while others are being made, so that file
// descriptors are used again, and checks that Do never runs in another's.
func TestCloseDuringDo(t *testing.T) {
	netnstest.Require(t)
	for range 40 {
		ns, err := netns.New()
		if err != nil {
			t.Fatal(err)
		}
		inside := wants(t, ns)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				var wrong error
				_ = ns.Do(func() error { wrong = inside(); return nil })
				if wrong != nil {
					t.Error(wrong)
				}
			})
		}
		ns.Close()
		again := netnstest.New(t)
		all.Wait()
		again.Close()
	}
}

// TestMainThread has a process whose only processor is the main thread's call
// Do, so that the function would be run by the main thread.
func TestMainThread(t *testing.T) {
	netnstest.Require(t)
	for _, procs := range []string{"1", "4"} {
		cmd := play("main-thread")
		cmd.Env = append(cmd.Env, "GOMAXPROCS="+procs)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("GOMAXPROCS=%s: %v\n%s", procs, err, out)
		}
	}
}

func mainThread([]string) int {
	outside, err := os.Readlink("/proc/self/ns/net")
	if err == nil {
		err = doOften(outside)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func doOften(outside string) error {
	ns, err := netns.New()
	if err != nil {
		return err
	}
	for i := range 200 {
		if i == 100 {
			runtime.LockOSThread() // The goroutine of main has the main thread.
		}
		if err := ns.Do(notMain); err != nil {
			return err
		}
		if got, err := os.Readlink("/proc/self/ns/net"); err != nil || got != outside {
			return fmt.Errorf("after Do the main thread is in %s, %v, want %s", got, err, outside)
		}
	}
	return nil
}

func notMain() error {
	if unix.Gettid() == unix.Getpid() {
		return errors.New("the function runs on the main thread")
	}
	return nil
}

func TestPanicEndsTheProgram(t *testing.T) {
	netnstest.Require(t)
	var out bytes.Buffer
	cmd := play("panic")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("a panic in Do: %v, want exit status 2", err)
	}
	if !strings.Contains(out.String(), "panic: on purpose") || strings.Contains(out.String(), "went on") {
		t.Errorf("a panic in Do prints\n%s", out.String())
	}
}

func panicInside([]string) int {
	ns, err := netns.Current()
	if err != nil {
		return 1
	}
	_ = ns.Do(func() error { panic("on purpose") })
	fmt.Println("went on")
	return 0
}

// TestExitEndsTheCaller is what makes FailNow work in Do.
func TestExitEndsTheCaller(t *testing.T) {
	netnstest.Require(t)
	if out, err := play("exit").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func exitInside([]string) int {
	ended := make(chan string, 1)
	go func() {
		end := "by Goexit"
		defer func() { ended <- end }()
		ns, err := netns.Current()
		if err == nil {
			_ = ns.Do(func() error { runtime.Goexit(); return nil })
		}
		end = fmt.Sprintf("by returning, %v", err)
	}()
	select {
	case how := <-ended:
		if how == "by Goexit" {
			return 0
		}
		fmt.Println("the caller ended", how)
	case <-time.After(10 * time.Second):
		fmt.Println("the caller waits for ever")
	}
	return 1
}
