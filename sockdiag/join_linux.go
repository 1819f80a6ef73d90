package sockdiag

// join gives the connection its subflows.
func (s *source) join(c chain) {
	subflows, n := s.connection.Subflows[:0], 0
	for place := c.first; place != 0; place = s.subflows.at(place).next {
		if n == len(s.details) {
			s.details = append(s.details, new(Details))
		}
		subflows = append(subflows, Subflow{})
		s.subflows.at(place).unpack(&subflows[n], s.details[n])
		n++
	}
	order(subflows)
	s.connection.Subflows = subflows
}

// addOrphans has subflows looked at whose connection was not listed. With a filter
// for states that is as it should be.
func (l *listing) addOrphans() {
	if len(l.filter.States) > 0 {
		return
	}
	for key, c := range l.subflows.chains {
		if !c.seen && key&tokenless == 0 {
			l.unsettled = append(l.unsettled, uint32(key))
		}
	}
}

// listTokenless yields connections that fell back before they had a token (MPTCP
// was off for a while, or no token was free): the kernel's list of MPTCP sockets,
// which goes by tokens, lacks them. All that is told is their TCP socket.
func (l *listing) listTokenless() error {
	for key, c := range l.subflows.chains {
		if key&tokenless == 0 {
			continue
		}
		r := l.subflows.at(c.first)
		there, err := l.lookup(r.lookup(), &l.message)
		if err != nil {
			return err
		}
		if !there || !r.decode(&l.message) || r.token != 0 {
			continue
		}
		l.connection.decodeSocket(&l.message)
		l.connection.Info.Fallback = true
		l.join(c)
		if err := l.give(&l.connection); err != nil {
			return err
		}
	}
	return nil
}
