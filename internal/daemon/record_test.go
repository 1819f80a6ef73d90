package daemon

import (
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"

	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func newBook(t *testing.T) *book {
	t.Helper()
	b, err := openBook(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRecord: what is written is read, of its own namespace alone.
func TestRecord(t *testing.T) {
	b := newBook(t)
	r := record{Inode: 1, Cookie: 7, Limits: &pathmanager.Limits{Subflows: 2}, Sysctls: map[string]string{pathManagerKey: "kernel"}}
	r.IDs = map[netip.Addr]uint8{netip.MustParseAddr("2001:db8::1"): 3}
	r.setEndpoints([]pathmanager.Endpoint{{Addr: netip.MustParseAddr("192.0.2.1"), ID: 1, Flags: pathmanager.Signal, IfIndex: 4, Port: 80}})
	if err := b.write(r); err != nil {
		t.Fatal(err)
	}
	got, err := b.read(&place{inode: 1, cookie: 7})
	if diff := cmp.Diff(r, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if e := got.endpoints(); len(e) != 1 || e[0].Flags != pathmanager.Signal || e[0].IfIndex != 4 || e[0].Port != 80 {
		t.Errorf("endpoints %+v", e)
	}
	for _, other := range []*place{{inode: 2, cookie: 7}, {inode: 1, cookie: 8}} {
		if got, err := b.read(other); err != nil || !got.empty() {
			t.Errorf("of another namespace: %+v, %v", got, err)
		}
	}
	info, err := os.Stat(b.path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := b.write(record{Inode: 1, Cookie: 7}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(b.path()); err != nil || strings.Contains(string(text), "192.0.2.1") {
		t.Errorf("%s, %v", text, err)
	}
}

// TestRecordOfAnotherBoot is worth nothing: all that it tells of is gone.
func TestRecordOfAnotherBoot(t *testing.T) {
	b := newBook(t)
	if err := b.write(record{Inode: 1, Sysctls: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	b.boot = "another"
	if got, err := b.read(&place{inode: 1}); err != nil || !got.empty() {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRecordIsDamaged: nothing is adopted by guessing.
func TestRecordIsDamaged(t *testing.T) {
	b := newBook(t)
	for _, text := range []string{"", "{", `{"schema": "allroads.state/9"}`, "[]"} {
		if err := os.WriteFile(b.path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := b.read(&place{inode: 1}); err == nil || !strings.Contains(err.Error(), b.path()) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestRecordsShare: workers, and processes, write their own part at the same time.
func TestRecordsShare(t *testing.T) {
	b := newBook(t)
	var all sync.WaitGroup
	for inode := range uint64(20) {
		all.Go(func() {
			if err := b.write(record{Inode: inode, Sysctls: map[string]string{"a": "b"}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	file, err := b.load()
	if err != nil || len(file.Namespaces) != 20 {
		t.Errorf("%d namespaces, %v", len(file.Namespaces), err)
	}
}
