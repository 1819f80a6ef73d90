package programs

import (
	"bytes"
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/convert"
	"allroads/internal/netns"
	"allroads/lab"
)

// play is a transfer on its way.
type play struct {
	*testing.T
	*transfer
	network   *lab.Lab
	dir       string
	converted bool             // by allroads
	strategy  convert.Strategy // empty: automatic
}

//go:embed testdata/files
var files embed.FS

// prepare makes the folder of a play, with the files that programs want.
func prepare(t *testing.T, from *transfer, s convert.Strategy) *play {
	t.Helper()
	p := &play{T: t, transfer: from, strategy: s}
	dir, err := os.MkdirTemp("", "allroads-play-")
	p.must(err)
	p.dir = dir
	t.Cleanup(func() { os.RemoveAll(dir) })
	p.must(os.Chmod(dir, 0o777))
	p.must(os.WriteFile(filepath.Join(dir, "content"), content, 0o644))
	texts, err := fs.Sub(files, "testdata/files")
	p.must(err)
	names, err := fs.Glob(texts, "*")
	p.must(err)
	for _, name := range names {
		text, err := fs.ReadFile(texts, name)
		p.must(err)
		p.must(os.WriteFile(filepath.Join(dir, name), []byte(p.fill(string(text))), 0o644))
	}
	p.network = newScene(t)
	for _, command := range from.before {
		if o := (role{host: server, command: command, plain: true}).start(p).end(); o.code != 0 {
			t.Fatalf("%s: %+v", command, o)
		}
	}
	return p
}

// fill fills in what is different each time.
func (p *play) fill(text string) string {
	return strings.NewReplacer("$dir", p.dir, "$user", p.user.name(), "$worker", p.user.worker(),
		"$server", serverAddress, "$client", clientAddress).Replace(text)
}

func (p *play) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// perform plays it, and returns the programs, which have all ended, with their outcomes.
// meanwhile is called when all are on their way.
func (p *play) perform(meanwhile func([]*running)) (all []*running, outcomes []outcome) {
	p.Helper()
	for _, r := range p.roles {
		all = append(all, r.start(p))
	}
	meanwhile(all)
	outcomes = make([]outcome, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		outcomes[i] = all[i].end()
		outcomes[i].constant(p.varies)
	}
	p.arrived(outcomes)
	return all, outcomes
}

// arrived compares what has arrived with what was sent, byte for byte.
func (p *play) arrived(outcomes []outcome) {
	p.Helper()
	if p.arrives == nothing {
		return
	}
	got, err := os.ReadFile(filepath.Join(p.dir, p.arrives))
	if err != nil || !bytes.Equal(got, content) {
		p.cannot("converted %v: %d bytes have arrived, which are not the %d sent, %v; %v", p.converted, len(got), len(content), err, outcomes)
	}
	p.must(os.RemoveAll(filepath.Join(p.dir, strings.Split(p.arrives, "/")[0])))
}

// cannot ends the test: as root of a namespace without anybody else, some programs do not
// work, with allroads or without.
func (p *play) cannot(format string, args ...any) {
	p.Helper()
	if netns.Inside() && p.user == root && !p.converted {
		p.Skipf("without allroads: "+format, args...)
	}
	p.Fatalf(format, args...)
}
