package tap_test

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/capture"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/tap"

	"github.com/google/go-cmp/cmp"
)

// record begins to write what is captured on b0; stop ends it when a number of
// packets are written.
func record(t testing.TB, ns *netns.NS, f tap.Files) (r *tap.Recorder, stop func(packets uint64)) {
	t.Helper()
	tapped, cancel := open(t, tap.Options{Namespace: ns, Interfaces: []string{"b0", "b1"}, Bulk: true})
	r, err := tap.NewRecorder(tapped, f)
	must(t, err)
	done := make(chan error, 1)
	go func() { done <- errors.Join(r.Record(0), r.Close()) }()
	return r, func(packets uint64) {
		t.Helper()
		awaitPackets(t, r, packets)
		cancel()
		must(t, <-done)
	}
}

func awaitPackets(t testing.TB, r *tap.Recorder, packets uint64) {
	t.Helper()
	for start := time.Now(); r.Progress().Packets < packets; time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatalf("%+v, %d packets wanted", r.Progress(), packets)
		}
	}
}

// read returns the packets of a file, of which the interfaces have to be known.
func read(t testing.TB, path string) (packets []string, interfaces []capture.FileInterface) {
	t.Helper()
	f, err := capture.OpenFile(path)
	must(t, err)
	defer f.Close()
	var p capture.Packet
	for {
		err := f.Read(&p)
		if err == io.EOF {
			return packets, f.Interfaces()
		}
		must(t, err)
		if p.Data[0]&1 == 0 { // Others are what links say when they come up.
			packets = append(packets, fmt.Sprintf("%s %d: %s", f.Interfaces()[p.Interface].Name, p.Length, hex.EncodeToString(p.Data)))
		}
	}
}

// tcpdump captures beside into a file; stop returns its packets as read does, once
// it has at least as many as given.
func tcpdump(t testing.TB, ns *netns.NS, name string) (stop func(packets int) []string) {
	t.Helper()
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		netnstest.Missing(t, "program tcpdump")
	}
	file := filepath.Join(t.TempDir(), name)
	cmd := exec.Command(path, "-Z", "root", "-i", name, "-w", file, "-U", "--immediate-mode", "-s", "2000", "-B", "16384")
	messages, err := cmd.StderrPipe()
	must(t, err)
	must(t, ns.Do(cmd.Start))
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewReader(messages)
	for said := ""; !strings.Contains(said, "listening on"); {
		line, err := lines.ReadString('\n')
		if said += line; err == nil {
			continue
		}
		if strings.Contains(said, "change to 'root'") {
			t.Skipf("missing: %s", said) // In a user namespace, it never runs.
		}
		t.Fatal(said)
	}
	return func(packets int) (all []string) {
		t.Helper()
		for start := time.Now(); time.Since(start) < patience; time.Sleep(10 * time.Millisecond) {
			if info, err := os.Stat(file); err == nil && info.Size() > 558*int64(packets) {
				break
			}
		}
		must(t, cmd.Process.Signal(syscall.SIGINT))
		_, _ = io.ReadAll(lines)
		must(t, cmd.Wait())
		all, _ = read(t, file)
		for i := range all {
			all[i] = name + all[i] // A pcap file does not name it.
		}
		return all
	}
}

// traffic sends packets over both cables, and returns how many.
func traffic(t testing.TB, a, b *netns.NS, each int) uint64 {
	t.Helper()
	for cable := range 2 {
		sink(t, b, fmt.Sprintf("10.0.%d.2:7000", cable))
		send(t, sender(t, a, fmt.Sprintf("10.0.%d.2:7000", cable)), 0, each, 500)
	}
	return uint64(2 * each)
}

// TestRotate: all files together have what tcpdump has, and each is whole.
func TestRotate(t *testing.T) {
	a, b := pair(t, 2)
	beside := []func(int) []string{tcpdump(t, b, "b0"), tcpdump(t, b, "b1")}
	dir := t.TempDir()
	const size = 40_000
	r, stop := record(t, b, tap.Files{Path: filepath.Join(dir, "out.pcapng"), Size: size})
	const each = 1000
	stop(traffic(t, a, b, each))
	var theirs []string
	for _, stop := range beside {
		theirs = append(theirs, stop(each)...)
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "*"))
	var ours []string
	for i, path := range paths {
		if want := fmt.Sprintf("out-%05d.pcapng", i+1); filepath.Base(path) != want {
			t.Fatalf("file %s, want %s", path, want)
		}
		packets, interfaces := read(t, path)
		for _, at := range interfaces {
			if !at.DropsKnown || at.Drops != 0 || at.SnapLen != capture.MaxSnapLen {
				t.Errorf("%s: %+v", path, at)
			}
		}
		if info, err := os.Stat(path); err != nil || info.Size() > size || i < len(paths)-1 && info.Size() < size-1000 {
			t.Errorf("%s: %v, %v", path, info.Size(), err)
		}
		ours = append(ours, packets...)
	}
	if len(paths) < 25 || r.Progress().Files != uint64(len(paths)) {
		t.Errorf("%d files, %+v", len(paths), r.Progress())
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) < 2*each {
		t.Errorf("%d packets: -tcpdump +ours\n%.3000s", len(ours), diff)
	}
}

// TestRotateKeeps the newest files only.
func TestRotateKeeps(t *testing.T) {
	a, b := pair(t, 2)
	dir := t.TempDir()
	r, stop := record(t, b, tap.Files{Path: filepath.Join(dir, "out"), Size: 30_000, Keep: 3})
	stop(traffic(t, a, b, 500))
	paths, _ := filepath.Glob(filepath.Join(dir, "*"))
	last := int(r.Progress().Files)
	var want, numbers []string
	for i := last - 2; i <= last; i++ {
		want = append(want, filepath.Join(dir, fmt.Sprintf("out-%05d.pcapng", i)))
	}
	if diff := cmp.Diff(want, paths); diff != "" || last < 10 {
		t.Fatalf("-want +got\n%s", diff)
	}
	for _, path := range paths {
		packets, _ := read(t, path)
		for _, p := range packets {
			if data, _ := hex.DecodeString(p[strings.Index(p, ": ")+2:]); strings.HasPrefix(p, "b1 542:") {
				numbers = append(numbers, string(data[42:50]))
			}
		}
	}
	first := 500 - len(numbers)
	for i, n := range numbers {
		if want := fmt.Sprintf("%08d", first+i); n != want {
			t.Fatalf("packet %s, want %s", n, want)
		}
	}
	if len(numbers) < 90 {
		t.Errorf("%d packets only", len(numbers))
	}
}

func TestRotateTime(t *testing.T) {
	a, b := pair(t, 2)
	dir := t.TempDir()
	r, stop := record(t, b, tap.Files{Path: filepath.Join(dir, "out.pcap"), Time: 300 * time.Millisecond})
	sink(t, b, "10.0.0.2:7000")
	c := sender(t, a, "10.0.0.2:7000")
	for i := range 8 {
		send(t, c, i, 1, 100)
		time.Sleep(100 * time.Millisecond)
	}
	stop(8)
	var count int
	paths, _ := filepath.Glob(filepath.Join(dir, "out-0000?.pcapng"))
	for _, path := range paths {
		packets, _ := read(t, path)
		count += len(packets)
	}
	if n := len(paths); n < 2 || n > 5 || uint64(n) != r.Progress().Files || count < 8 {
		t.Errorf("%d files, %d packets, %+v", n, count, r.Progress())
	}
}

// TestFilesExist: what is there is not touched, unless it is to be overwritten.
func TestFilesExist(t *testing.T) {
	ns := quiet(t)
	dir := t.TempDir()
	single, other := filepath.Join(dir, "a.pcapng"), filepath.Join(dir, "out-00002-notes.pcapng")
	old := []string{filepath.Join(dir, "out-00001.pcapng"), filepath.Join(dir, "out-00007.pcapng")}
	for _, path := range append(old, single, other) {
		must(t, os.WriteFile(path, []byte("precious"), 0o600))
	}
	tapped, _ := open(t, tap.Options{Namespace: ns, Interfaces: []string{"lo"}})
	for _, f := range []tap.Files{{Path: single}, {Path: filepath.Join(dir, "out.pcapng"), Size: 1000}} {
		_, err := tap.NewRecorder(tapped, f)
		if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "--overwrite") {
			t.Errorf("%+v: %v", f, err)
		}
		for _, path := range append(old, other) {
			if text, _ := os.ReadFile(path); string(text) != "precious" {
				t.Errorf("%s: %q", path, text)
			}
		}
		if text, _ := os.ReadFile(single); f.Path == single && string(text) != "precious" {
			t.Errorf("%s: %q", single, text)
		}
		f.Overwrite = true
		r, err := tap.NewRecorder(tapped, f)
		must(t, err)
		must(t, r.Close())
	}
	if _, err := os.Stat(old[1]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s of the earlier series: %v", old[1], err)
	}
	if text, _ := os.ReadFile(other); string(text) != "precious" {
		t.Errorf("%s: %q", other, text)
	}
	for _, path := range []string{single, old[0]} {
		if packets, interfaces := read(t, path); len(packets) != 0 || len(interfaces) != 1 {
			t.Errorf("%s: %d packets, %v", path, len(packets), interfaces)
		}
	}
	for want, path := range map[string]string{"is a directory": dir, "no such file": filepath.Join(dir, "no/x"), "not a directory": single + "/x"} {
		for _, size := range []int64{0, 1000} {
			if _, err := tap.NewRecorder(tapped, tap.Files{Path: path, Size: size}); err == nil && size == 0 ||
				err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", path, err, want)
			}
		}
	}
}

// TestDrops: what the kernel had no room for is told, here and in the file.
func TestDrops(t *testing.T) {
	a, b := pair(t, 1)
	tapped, cancel := open(t, tap.Options{Namespace: b, Interfaces: []string{"b0"}, SnapLen: 600, RingBytes: 256 << 10})
	path := filepath.Join(t.TempDir(), "out.pcapng")
	r, err := tap.NewRecorder(tapped, tap.Files{Path: path})
	must(t, err)
	sink(t, b, "10.0.0.2:7000")
	const sent = 5000
	send(t, sender(t, a, "10.0.0.2:7000"), 0, sent, 500)
	cancel()
	must(t, r.Record(0))
	must(t, r.Close())
	p := r.Progress()
	packets, interfaces := read(t, path)
	if p.Drops < 1000 || p.Packets+p.Drops < sent || p.Packets+p.Drops > sent+10 || len(packets) > int(p.Packets) || len(packets) < 100 {
		t.Errorf("%+v of %d, %d in the file", p, sent, len(packets))
	}
	if at := interfaces[0]; !at.DropsKnown || at.Drops != p.Drops || at.SnapLen != 600 {
		t.Errorf("%+v, want %d drops", at, p.Drops)
	}
}
