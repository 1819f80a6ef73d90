package lab

import (
	"errors"
	"fmt"
	"sync"

	"allroads/internal/netns"
	"allroads/internal/rtnl"
)

// prepareLinks finds out what links can be made of here.
func (l *Lab) prepareLinks() (err error) {
	for i := range l.Topology.Links {
		config := &l.Topology.Links[i]
		link := &Link{Name: config.Name, lab: l, config: config, number: i}
		if link.box, err = config.box(); err != nil {
			return fmt.Errorf("link %s: %w", link.Name, err)
		}
		l.links[link.Name] = link
	}
	if l.Topology.Engine == EngineUserspace {
		return nil
	}
	// Also where no link needs it: one may be given a delay later.
	l.netem, err = hasNetem()
	if err == nil && !l.netem && l.Topology.Engine == EngineNetem {
		err = errNoEngine
	}
	return err
}

var errNoEngine = errors.New("engine netem: this kernel has no netem: use the engine userspace, or auto")

// hasNetem asks the kernel once; it does not change its mind.
var hasNetem = sync.OnceValues(func() (has bool, err error) {
	ns, err := netns.New()
	if err != nil {
		return false, err
	}
	defer ns.Close()
	err = ns.Do(func() error {
		route, err := rtnl.Dial(0)
		if err != nil {
			return err
		}
		defer route.Close()
		has, err = route.HasQdisc("netem")
		return err
	})
	return has, err
})

// maxJoined is how many links are joined by bridges at most, since the kernel takes
// 20 ms to remove each, in which nobody can change any link of the system.
const maxJoined = 64

// changeable reports whether a link may be given an impairment later.
func (l *Lab) changeable(name string) bool {
	if l.options.Changeable && len(l.links) <= maxJoined {
		return true
	}
	if l.Topology.Scenario == nil {
		return false
	}
	for _, step := range l.Topology.Scenario.Steps {
		if step.Link == name && step.Set != nil {
			return true
		}
	}
	return false
}

// impairLinks makes the links what they are to be, all together, since those
// carried in userspace have to wait for the kernel.
func (l *Lab) impairLinks() error {
	return l.eachLink(func(link *Link) error {
		if link.config.sends(0) == (Impairment{}) && link.config.sends(1) == (Impairment{}) && link.box == nil {
			return nil
		}
		return link.impairNow()
	})
}

// together is how many links are worked at at the same time.
const together = 64

func (l *Lab) eachLink(do func(*Link) error) error {
	var working sync.WaitGroup
	errs := make(chan error, len(l.links))
	turn := make(chan struct{}, together)
	for _, link := range l.links {
		turn <- struct{}{}
		working.Go(func() {
			errs <- do(link)
			<-turn
		})
	}
	working.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}
