package scenario

import (
	"errors"
	"fmt"

	"allroads/lab"
	"allroads/trace"
)

var errNotBegun = errors.New("the step has not begun")

// find finds the value of what an expectation is about, and what explains it
// where that is not plain. The error says why it is not known.
func (p *player) find(e lab.Expectation, packets *trace.Report) (value int64, why string, err error) {
	switch e.Subject {
	case "mptcp", "delivered", "intact", "gap":
		value, err = p.findSend(e)
		return value, "", err
	case "exit":
		value, err = p.findExit(e)
		return value, "", err
	case "hits":
		value, err = p.findHits(e.Of)
		return value, "", err
	}
	return seen(packets, e)
}

// actionOf returns what the expectation's step does: the one with the name, or the
// only one of its kind.
func actionOf[T action](p *player, name string) (found T, begun bool) {
	for _, s := range p.steps {
		if a, ok := s.action.(T); ok && (name == "" || s.config.Name == name) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return a, s.result.Begin != nil
		}
	}
	return found, false
}

func (p *player) findSend(e lab.Expectation) (int64, error) {
	send, begun := actionOf[*transfer](p, e.Of)
	if !begun {
		return 0, errNotBegun
	}
	return send.find(e.Subject)
}

func (p *player) findExit(e lab.Expectation) (int64, error) {
	run, begun := actionOf[*command](p, e.Of)
	if !begun {
		return 0, errNotBegun
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	if run.exit == nil {
		return 0, errors.New("the command has not ended by itself")
	}
	return int64(*run.exit), nil
}

// findHits sums up all middleboxes when there is no name: there is only one then.
func (p *player) findHits(name string) (int64, error) {
	names := []string{name}
	if name == "" {
		names = middleboxes(p.network.Topology)
	}
	var sum uint64
	for _, name := range names {
		hits, err := p.network.Hits(name)
		if err != nil {
			return 0, err
		}
		sum += hits
	}
	return int64(sum), nil
}

// middleboxes are those of links, and all routers: those that only forward have
// no hits.
func middleboxes(t *lab.Topology) (names []string) {
	for _, link := range t.Links {
		if len(link.Middlebox) > 0 {
			names = append(names, link.Name)
		}
	}
	for i := range t.Routers {
		names = append(names, t.Routers[i].Name)
	}
	return names
}

// find finds what is known of a send now.
func (t *transfer) find(subject string) (int64, error) {
	t.mu.Lock()
	ended := t.ended
	t.mu.Unlock()
	switch subject {
	case "delivered":
		return int64(t.received.count()), nil
	case "gap":
		gap, known := t.received.longestGap()
		if !known {
			return 0, errors.New("nothing has arrived")
		}
		return int64(gap), nil
	case "intact":
		if !ended {
			return 0, errors.New("the send has not ended")
		}
		return number(t.intact()), nil
	case "mptcp":
		is := t.ask()
		if is == nil {
			return 0, errors.New("there was no connection")
		}
		return number(*is), nil
	}
	return 0, unheardOf(subject)
}

// unheardOf is for a subject that package lab has and this package does not.
func unheardOf(subject string) error { return fmt.Errorf("nothing here finds %s", subject) }

func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
