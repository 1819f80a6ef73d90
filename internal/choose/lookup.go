package choose

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// lookupLimit is how long all names together may take.
const lookupLimit = 15 * time.Second

// atOnce is how many names are asked for at the same time.
const atOnce = 16

// LookupError is a name without an address. The rule may be right, and the network
// not there.
type LookupError struct {
	Option, Rule, Name string
	Err                error
}

func (e *LookupError) Error() string {
	return fmt.Sprintf("%s %q: look up %s: %v: rules have to be known before the program starts: write addresses or a port", e.Option, e.Rule, e.Name, e.Err)
}

func (e *LookupError) Unwrap() error { return e.Err }

// lookup is the looking up of names for one Chooser.
type lookup struct {
	ctx      context.Context
	close    func()
	resolver *net.Resolver
}

func newLookup(ctx context.Context) *lookup {
	l := &lookup{resolver: net.DefaultResolver}
	l.ctx, l.close = context.WithTimeout(ctx, lookupLimit)
	return l
}

// resolve gives rules with names those for their addresses. Each name is asked for
// once.
func (l *lookup) resolve(lists ...[]parsed) error {
	answers := map[string]*answer{}
	for _, list := range lists {
		for _, p := range list {
			if p.name != "" {
				answers[p.name] = &answer{}
			}
		}
	}
	l.askAll(answers)
	for _, list := range lists {
		for i := range list {
			if err := list[i].take(answers[list[i].name]); err != nil {
				return err
			}
		}
	}
	return nil
}

type answer struct {
	addresses []netip.Addr
	err       error
}

func (l *lookup) askAll(answers map[string]*answer) {
	var wait sync.WaitGroup
	defer wait.Wait()
	free := make(chan struct{}, atOnce)
	for name, a := range answers {
		free <- struct{}{}
		wait.Go(func() {
			a.addresses, a.err = l.resolver.LookupNetIP(l.ctx, "ip", name)
			<-free
		})
	}
}

// take makes rules of a name's addresses.
func (p *parsed) take(a *answer) error {
	if p.name == "" {
		return nil
	}
	if a.err != nil {
		return &LookupError{p.option, p.text, p.name, a.err}
	}
	for _, ip := range a.addresses {
		ip = ip.Unmap().WithZone("")
		p.rules = append(p.rules, rule{netip.PrefixFrom(ip, ip.BitLen()), p.ports})
	}
	return nil
}
