package ipmptcp

import "allroads/pathmanager"

// endpointCommands are in the order in which prefixes are compared.
var endpointCommands = []object{
	{"add", (*session).addEndpoint},
	{"change", (*session).changeEndpoint},
	{"delete", (*session).deleteEndpoint},
	{"show", (*session).showEndpoints},
	{"flush", (*session).flushEndpoints},
}

func (s *session) endpoint(line *words) error {
	word, more := line.next()
	if !more {
		return s.showEndpoints(line)
	}
	for _, command := range endpointCommands {
		if matches(word, command.name) {
			return command.run(s, line)
		}
	}
	return unknownCommand(word)
}

func (s *session) addEndpoint(line *words) error {
	e, err := s.parseEndpoint(line, adding)
	switch {
	case err != nil:
		return err
	case !e.Addr.IsValid():
		return required("ADDRESS")
	case e.isZero():
		return zeroID()
	case e.Port != 0 && e.Flags&pathmanager.Signal == 0:
		return wrong("port", "flags must have signal when using port")
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.AddEndpoint(s.ctx, e.Endpoint)
}

// changeEndpoint replaces the flags that can be changed. The kernel looks for the
// address where both are given, address and id.
func (s *session) changeEndpoint(line *words) error {
	e, err := s.parseEndpoint(line, changing)
	switch {
	case err != nil:
		return err
	case e.isZero():
		return zeroID()
	case e.Port != 0 && e.hasID:
		return wrong("port", "port can't be used with id")
	case e.Addr.IsValid():
		e.ID = 0
	case !e.hasID:
		return &exit{"Error: missing address ID.\n", codeKernel} // in the kernel's words
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.SetFlags(s.ctx, e.Endpoint, e.Flags)
}

func (s *session) deleteEndpoint(line *words) error {
	e, err := s.parseEndpoint(line, deleting)
	switch {
	case err != nil:
		return err
	case !e.hasID:
		return required("ID")
	case e.ID != 0 && e.Addr.IsValid():
		return wrong("ADDRESS", "invalid for non-zero id address\n")
	case e.ID == 0 && !e.Addr.IsValid():
		return wrong("ID", "address is needed for deleting id 0 address\n")
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.DeleteEndpoint(s.ctx, e.ID, e.Addr)
}

// flushEndpoints does not look at the rest of the line; nor does ip.
func (s *session) flushEndpoints(*words) error {
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Flush(s.ctx)
}
