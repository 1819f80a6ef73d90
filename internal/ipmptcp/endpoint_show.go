package ipmptcp

import (
	"strconv"

	"allroads/pathmanager"
)

func (s *session) showEndpoints(line *words) error {
	asked := len(line.list) > 0
	e, err := s.parseEndpoint(line, showing)
	switch {
	case err != nil:
		return err
	case e.isZero():
		return zeroID()
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	var endpoints []pathmanager.Endpoint
	switch {
	case e.token != nil:
		endpoints, err = s.ofConnection(conn, e)
	case asked:
		// Without an id the kernel looks for id 0, and finds none.
		endpoints = make([]pathmanager.Endpoint, 1)
		endpoints[0], err = conn.Endpoint(s.ctx, e.ID)
	default:
		endpoints, err = conn.Endpoints(s.ctx)
	}
	if err != nil {
		return err
	}
	s.printEndpoints(endpoints, e.token)
	return nil
}

// ofConnection lists what a connection uses under the userspace path manager, or
// that of it which has the id.
func (s *session) ofConnection(conn *pathmanager.Conn, e endpointLine) ([]pathmanager.Endpoint, error) {
	all, err := conn.ConnectionEndpoints(s.ctx, *e.token)
	if err != nil || !e.hasID {
		return all, err
	}
	for _, endpoint := range all {
		if endpoint.ID == e.ID {
			return []pathmanager.Endpoint{endpoint}, nil
		}
	}
	return nil, &exit{"Error: address not found.\n", codeKernel}
}

func (s *session) printEndpoints(endpoints []pathmanager.Endpoint, token *pathmanager.Token) {
	switch {
	case s.style.schema:
		s.out.Write(endpointsDocument(endpoints, token, s.deviceName))
	case s.style.json:
		array := arrayWriter{pretty: s.style.pretty}
		array.begin()
		for _, e := range endpoints {
			array.object(endpointFields(e, s.deviceName))
		}
		array.end()
		s.out.Write(array.text)
	default:
		p := s.palette()
		for _, e := range endpoints {
			s.printEndpoint(e, p)
		}
	}
}

// printEndpoint ends each word with a space, the last one too.
func (s *session) printEndpoint(e pathmanager.Endpoint, p palette) {
	word := func(parts ...string) {
		for _, part := range parts {
			s.out.WriteString(part)
		}
	}
	word(p.of(e.Addr), formatAddress(e.Addr), " ", p.end)
	if e.Port != 0 {
		word("port ", strconv.Itoa(int(e.Port)), " ")
	}
	word("id ", strconv.Itoa(int(e.ID)), " ")
	if e.Flags != 0 {
		word(e.Flags.String(), " ")
	}
	if e.IfIndex != 0 {
		word("dev ", p.device, s.deviceName(e.IfIndex), " ", p.end)
	}
	word(s.newline())
}
