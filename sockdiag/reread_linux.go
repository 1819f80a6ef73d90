package sockdiag

import "allroads/internal/inetdiag"

// reread looks a connection up, and those of its subflows that are known; false: it
// is gone.
func (l *listing) reread(token uint32) (there bool, err error) {
	if err := l.ctx.Err(); err != nil {
		return false, err
	}
	r := inetdiag.Request{Family: families[0], Protocol: protocolMPTCP, States: anyState}
	r.ID.Cookie = uint64(token) // mptcp_diag_dump_one takes it from there.
	there, err = l.lookup(r, &l.message)
	if err == nil && !there {
		err = l.probe()
	}
	if err != nil || !there {
		return false, err
	}
	if err := l.connection.decode(&l.message); err != nil {
		return false, err
	}
	initial := inetdiag.Request{Family: l.message.family, Protocol: protocolTCP, States: anyState, ID: l.message.id}
	initial.ID.Cookie = inetdiag.NoCookie
	if err := l.refresh(uint64(token)); err != nil {
		return false, err
	}
	if err := l.addInitial(uint64(token), initial); err != nil {
		return false, err
	}
	l.join(l.subflows.chains[uint64(token)])
	return true, nil
}

// refresh looks the known subflows of a connection up, and forgets those that are
// gone.
func (s *source) refresh(key uint64) error {
	c := s.subflows.chains[key]
	place := c.first
	c.first, c.last = 0, 0
	for place != 0 {
		r := s.subflows.at(place)
		here, next := place, r.next
		place = next
		there, err := s.lookup(r.lookup(), &s.message)
		if err != nil {
			return err
		}
		if there && s.record.decode(&s.message) && s.record.key() == key {
			*r = s.record
			s.subflows.link(&c, here)
		}
	}
	s.subflows.chains[key] = c
	return nil
}

// addInitial looks for the initial subflow, whose addresses are those of the
// connection.
func (s *source) addInitial(key uint64, r inetdiag.Request) error {
	for place := s.subflows.chains[key].first; place != 0; place = s.subflows.at(place).next {
		if s.subflows.at(place).initial() {
			return nil
		}
	}
	there, err := s.lookup(r, &s.message)
	if err == nil && there && s.record.decode(&s.message) && s.record.key() == key {
		s.subflows.add(&s.record)
	}
	return err
}
