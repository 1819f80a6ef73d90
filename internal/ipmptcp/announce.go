package ipmptcp

// announce tells the peer of a connection of an address:
// TOKEN ADDRESS id ID [dev NAME] [port NR].
func (s *session) announce(line *words) error {
	token, err := s.readToken(line)
	if err != nil {
		return err
	}
	e, err := s.parseEndpoint(line, announcing)
	switch {
	case err != nil:
		return err
	case !e.Addr.IsValid():
		return required("ADDRESS")
	case !e.hasID:
		return required("ID")
	case e.isZero():
		return zeroID()
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Announce(s.ctx, *token, e.Endpoint)
}

// withdraw takes an address back: TOKEN id ID.
func (s *session) withdraw(line *words) error {
	token, err := s.readToken(line)
	if err != nil {
		return err
	}
	var id *uint8
	for word, more := line.next(); more; word, more = line.next() {
		if !matches(word, "id") {
			return wrong(word, "expected id")
		}
		number, err := readID(line)
		if err != nil {
			return err
		}
		id = &number
	}
	if id == nil {
		return required("ID")
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Withdraw(s.ctx, *token, *id)
}
