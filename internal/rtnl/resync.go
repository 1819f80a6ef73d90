package rtnl

import "errors"

// resync asks for everything. Messages that waited meanwhile are about what the
// answers have already or about what came after: to apply them is right in either case.
func (o *Observer) resync() error {
	s, err := o.dumpAll()
	if err != nil {
		return err
	}
	o.state, o.again, o.changed = s, false, true
	return o.resolveDoubts()
}

// resolveDoubts asks for what is doubtful.
func (o *Observer) resolveDoubts() error {
	s, d := o.state, o.state.doubts
	o.changed = true
	s.doubts = doubts{links: map[int]bool{}}
	err := o.askRoutes(d)
	if d.rules {
		err = errors.Join(err, o.dumpRules(s))
	}
	if d.wireless {
		o.markWireless(s)
	}
	return err
}

// fewLinks is up to how many interfaces are asked for one by one: each time the kernel
// goes through all routes, but tells of few.
const fewLinks = 4

func (o *Observer) askRoutes(d doubts) (err error) {
	if d.routes || len(d.links) > 0 {
		o.settled()
	}
	if d.routes || len(d.links) > fewLinks {
		return o.dumpRoutes(o.state, 0, 0)
	}
	for link := range d.links {
		err = errors.Join(err, o.dumpRoutes(o.state, link, 0))
	}
	return err
}
