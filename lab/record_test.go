package lab_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// names lists what is under a directory of /run, nothing when there is none.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

// expectNames compares the names of namespaces and the records.
func expectNames(t *testing.T, spaces, records string) {
	t.Helper()
	if got := strings.Join(names(t, netns.NameDir), " "); got != spaces {
		t.Errorf("names %q, want %q", got, spaces)
	}
	if got := strings.Join(names(t, lab.RecordDir), " "); got != records {
		t.Errorf("records %q, want %q", got, records)
	}
}

// forget removes all names and then all records.
func forget(t *testing.T) {
	t.Helper()
	for _, name := range names(t, netns.NameDir) {
		must(t, netns.Unpublish(name))
	}
	must(t, lab.Clean())
	expectNames(t, "", "")
}

func newRecord(t *testing.T, topology string) *lab.Record {
	t.Helper()
	record, err := lab.NewRecord(topology)
	must(t, err)
	return record
}

// A record that cannot be given up, because a name cannot, is left for Clean.
func TestRecordCloseFails(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	record := newRecord(t, "busy")
	name := record.ID() + "-a"
	path := filepath.Join(netns.NameDir, name)
	must(t, record.Publish(name, netnstest.New(t)))
	// Two mounts on one another: taking away the upper leaves the lower.
	must(t, unix.Mount("/proc/self/ns/net", path, "none", unix.MS_BIND, ""))
	record.Close()
	expectNames(t, name, record.ID())
	must(t, lab.Clean())
	expectNames(t, "", "")
}

// TestRecordRace makes records while others clean up. Each record must be
// there, and locked, as long as it is not closed.
func TestRecordRace(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	var makers, cleaners sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		cleaners.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := lab.Clean(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		makers.Go(func() {
			for range 1000 {
				record, err := lab.NewRecord("race")
				if err != nil {
					t.Error(err)
					return
				}
				if text, err := os.ReadFile(record.Path()); err != nil || len(text) != 0 {
					t.Errorf("record: %q, %v", text, err)
				}
				if err := record.Write("1 x\n"); err != nil {
					t.Error(err)
				}
				if text, err := os.ReadFile(record.Path()); err != nil || string(text) != "1 x\n" {
					t.Errorf("record: %q, %v", text, err)
				}
				record.Close()
			}
		})
	}
	makers.Wait()
	close(stop)
	cleaners.Wait()
	expectNames(t, "", "")
}
