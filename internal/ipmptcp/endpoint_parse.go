package ipmptcp

import (
	"slices"
	"strings"

	"allroads/pathmanager"
)

// endpointLine is what the words of an endpoint's command say. Where one comes
// twice the later counts.
type endpointLine struct {
	pathmanager.Endpoint
	hasID bool
	token *pathmanager.Token
}

// endpointVerb is a command on endpoints, as far as their words differ.
type endpointVerb int

const (
	adding endpointVerb = iota
	changing
	deleting
	showing
	announcing
)

func (s *session) parseEndpoint(line *words, verb endpointVerb) (e endpointLine, err error) {
	for {
		word, more := line.next()
		if !more {
			return e, nil
		}
		flag, isFlag := parseFlag(word)
		switch {
		case isFlag && verb != announcing:
			err = e.add(word, flag, verb)
		case matches(word, "id"):
			e.hasID = true
			e.ID, err = readID(line)
		case matches(word, "dev"):
			e.IfIndex, err = s.readDevice(line)
		case matches(word, "port"):
			e.Port, err = readPort(line)
		case s.native && verb == showing && matches(word, "token"):
			e.token, err = s.readToken(line)
		default:
			e.Addr, err = parseAddress(word)
		}
		if err != nil {
			return e, err
		}
	}
}

// parseFlag reads the exact name of a flag. A "no" before it says that it is not
// wanted, which it is not unless it is given.
func parseFlag(word string) (pathmanager.Flags, bool) {
	if name, negated := strings.CutPrefix(word, "no"); negated {
		return 0, slices.Contains([]string{"backup", "fullmesh"}, name)
	}
	flag, err := pathmanager.ParseFlag(word)
	return flag, err == nil
}

// add refuses flags that cannot be together, or not be changed; the word that
// makes it so is named.
func (e *endpointLine) add(word string, flag pathmanager.Flags, verb endpointVerb) error {
	const (
		apart    = pathmanager.Signal | pathmanager.Fullmesh
		settable = pathmanager.Backup | pathmanager.Fullmesh
	)
	e.Flags |= flag
	switch {
	case verb == adding && e.Flags&apart == apart:
		return wrong(word, "flags mustn't have both signal and fullmesh")
	case verb == changing && e.Flags&^settable != 0:
		return wrong(word, "invalid flags, backup and fullmesh only")
	}
	return nil
}

// isZero reports whether there is an id, and it is 0.
func (e *endpointLine) isZero() bool { return e.hasID && e.ID == 0 }

func zeroID() error { return wrong("ID", "cannot be 0\n") }

func readID(line *words) (uint8, error) {
	word, err := line.value()
	if err != nil {
		return 0, err
	}
	id, ok := number(word, 8)
	if !ok {
		return 0, wrong(word, "invalid ID\n")
	}
	return uint8(id), nil
}

func (s *session) readDevice(line *words) (int, error) {
	word, err := line.value()
	if err != nil {
		return 0, err
	}
	return s.deviceIndex(word)
}

func readPort(line *words) (uint16, error) {
	word, err := line.value()
	if err != nil {
		return 0, err
	}
	port, ok := number(word, 16)
	if !ok {
		return 0, wrong(word, "expected port")
	}
	return uint16(port), nil
}
