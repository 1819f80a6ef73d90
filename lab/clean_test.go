package lab_test

import (
	"os"
	"path/filepath"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

// dead has what a program can leave behind that is killed between two system
// calls. The record's id is put before each name.
var dead = []struct {
	name  string
	leave func(*testing.T, *lab.Record)
	names string // left after Clean
}{
	{"empty", func(*testing.T, *lab.Record) {}, ""},
	{"name written down", func(t *testing.T, r *lab.Record) {
		must(t, r.Write("4026531840 "+r.ID()+"-a\n"))
	}, ""},
	{"half a line", func(t *testing.T, r *lab.Record) { must(t, r.Write("40265318")) }, ""},
	{"empty file", func(t *testing.T, r *lab.Record) {
		must(t, r.Publish(r.ID()+"-a", netnstest.New(t)))
		must(t, r.Write("4026531840 "+r.ID()+"-b\n"))
		must(t, os.WriteFile(filepath.Join(netns.NameDir, r.ID()+"-b"), nil, 0o444))
	}, ""},
	{"name made", func(t *testing.T, r *lab.Record) { must(t, r.Publish(r.ID()+"-a", netnstest.New(t))) }, ""},
	{"host called kept", func(t *testing.T, r *lab.Record) { must(t, r.Publish(r.ID()+"-kept", netnstest.New(t))) }, ""},
	{"name of another", func(t *testing.T, r *lab.Record) {
		must(t, r.Publish(r.ID()+"-a", netnstest.New(t)))
		must(t, r.Write("4026531840 "+r.ID()+"-b\n"))
		must(t, netnstest.New(t).Publish(r.ID()+"-b"))
	}, "b"},
	{"name in use by another since", func(t *testing.T, r *lab.Record) {
		must(t, r.Publish(r.ID()+"-a", netnstest.New(t)))
		must(t, netns.Unpublish(r.ID()+"-a"))
		must(t, netnstest.New(t).Publish(r.ID()+"-a"))
	}, "a"},
	{"names that lead elsewhere", func(t *testing.T, r *lab.Record) {
		must(t, r.Write("1 ../allroads/labs/"+r.ID()+"\n4026531840 .\n4026531840 \n\n4026531840\n"))
	}, ""},
}

func TestCleanDead(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	for _, test := range dead {
		t.Run(test.name, func(t *testing.T) {
			defer forget(t)
			record := newRecord(t, "dead")
			test.leave(t, record)
			record.Abandon()
			must(t, lab.Clean())
			want := ""
			if test.names != "" {
				want = record.ID() + "-" + test.names
			}
			expectNames(t, want, "")
		})
	}
}

// A record that is being written is nobody else's, until it is given up.
func TestCleanLive(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	record := newRecord(t, "live")
	name := record.ID() + "-a"
	must(t, record.Publish(name, netnstest.New(t)))
	must(t, helper(t, "clean", nil).Run())
	must(t, lab.Clean())
	expectNames(t, name, record.ID())
	record.Close()
	expectNames(t, "", "")
}

// A record that is committed stays until its last name is gone.
func TestCleanKept(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	record := newRecord(t, "kept")
	first, second := record.ID()+"-a", record.ID()+"-b"
	must(t, record.Publish(first, netnstest.New(t)))
	must(t, record.Publish(second, netnstest.New(t)))
	must(t, record.Commit())
	must(t, lab.Clean())
	expectNames(t, first+" "+second, record.ID())
	must(t, netns.Unpublish(first))
	must(t, lab.Clean())
	expectNames(t, second, record.ID())
	must(t, netns.Unpublish(second))
	must(t, lab.Clean())
	expectNames(t, "", "")
}

func TestUpCleans(t *testing.T) {
	if !elsewhere(t, 0) {
		return
	}
	record := newRecord(t, "dead")
	must(t, record.Publish(record.ID()+"-a", netnstest.New(t)))
	record.Abandon()
	up(t, bare("new", "a"))
	expectNames(t, "", "")
}
