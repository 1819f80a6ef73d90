package ipmptcp

import (
	"fmt"

	"allroads/pathmanager"
)

func (s *session) limits(line *words) error {
	word, more := line.next()
	switch {
	case !more:
		return s.showLimits(line)
	case matches(word, "set"):
		return s.setLimits(line)
	case matches(word, "show"):
		return s.showLimits(line)
	}
	return unknownCommand(word)
}

func (s *session) setLimits(line *words) error {
	change, err := parseLimits(line)
	if err != nil {
		return err
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.ChangeLimits(s.ctx, change)
}

// showLimits reads limits and does nothing about them; nor does ip.
func (s *session) showLimits(line *words) error {
	if _, err := parseLimits(line); err != nil {
		return err
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	limits, err := conn.Limits(s.ctx)
	if err != nil {
		return err
	}
	if s.style.schema {
		s.out.Write(limitsDocument(limits))
		return nil
	}
	// With -j too: it is what ip does.
	fmt.Fprintf(s.out, "add_addr_accepted %d subflows %d %s", limits.AddAddrAccepted, limits.Subflows, s.newline())
	return nil
}

// limitsDocument is allroads.limits/1, one line.
func limitsDocument(limits pathmanager.Limits) []byte {
	var document fields
	document.text("schema", "allroads.limits/1")
	document.number("subflows", int64(limits.Subflows))
	document.number("add_addr_accepted", int64(limits.AddAddrAccepted))
	return append(document.line(), '\n')
}

func parseLimits(line *words) (change pathmanager.LimitsChange, err error) {
	for {
		word, more := line.next()
		switch {
		case !more:
			return change, nil
		case matches(word, "subflows"):
			change.Subflows, err = readLimit(line, "subflows")
		case matches(word, "add_addr_accepted"):
			change.AddAddrAccepted, err = readLimit(line, "add_addr_accepted")
		default:
			err = wrong(word, "unknown limit")
		}
		if err != nil {
			return change, err
		}
	}
}

func readLimit(line *words, name string) (*uint32, error) {
	word, err := line.value()
	if err != nil {
		return nil, err
	}
	n, ok := number(word, 32)
	if !ok {
		return nil, wrong(word, "invalid "+name+"\n")
	}
	return new(uint32(n)), nil
}
