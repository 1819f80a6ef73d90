package programs

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"allroads/internal/convert"
)

// transfer is programs of which some send, and some receive, the content.
type transfer struct {
	name       string
	user       user
	strategies []convert.Strategy
	before     []string       // commands that prepare it
	roles      []role         // in the order of their start; the last ends first
	arrives    string         // file in which the content is at the end, or nothing
	cut        bool           // who receives closes before all that was sent has come
	varies     *regexp.Regexp // what of the output is different each time; nil: nothing
}

// nothing arrives: the program sends something of its own.
const nothing = "(nothing)"

// content is what is transferred.
var content = func() []byte {
	text := make([]byte, 4_000_000)
	_, _ = rand.NewChaCha8([32]byte{'p', 'r', 'o', 'g', 'r', 'a', 'm', 's'}).Read(text)
	return text
}()

// TestPrograms: each transfer is the same under allroads as without, and goes over both
// paths, as packets and report say.
func TestPrograms(t *testing.T) {
	for _, each := range transfers {
		for _, s := range each.strategies {
			name := each.name + "/" + string(s)
			if s == "" {
				name = each.name + "/automatic"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				each.test(t, s)
			})
		}
	}
}

func (each *transfer) test(t *testing.T, s convert.Strategy) {
	p := prepare(t, each, s)
	taken := p.record()
	_, plain := p.perform(func([]*running) {})
	p.judgePlain(taken)
	taken = p.record()
	p.converted = true
	all, outcomes := p.perform(func(all []*running) { p.look(taken, all) })
	p.judge(taken)
	for i, r := range all {
		if outcomes[i] != plain[i] {
			t.Errorf("%s: %+v; without allroads %+v", r.command, outcomes[i], plain[i])
		}
		if r.report != "" {
			r.check(s, outcomes[i].code)
		}
	}
}
