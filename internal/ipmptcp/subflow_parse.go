package ipmptcp

import (
	"net/netip"

	"allroads/pathmanager"
)

// subflowLine is what the words of a subflow's command say.
type subflowLine struct {
	token    pathmanager.Token
	from, to netip.AddrPort
	id       *uint8
	device   int
	flags    pathmanager.Flags
	priority bool // backup or nobackup was said
}

func (s *session) parseSubflow(command subflowCommand, line *words) (*subflowLine, error) {
	token, err := s.readToken(line)
	if err != nil {
		return nil, err
	}
	l := &subflowLine{token: *token}
	for word, more := line.next(); more; word, more = line.next() {
		if err := s.readSubflow(command, l, word, line); err != nil {
			return nil, err
		}
	}
	switch {
	case !l.from.IsValid():
		return nil, required("from")
	case !l.to.IsValid():
		return nil, required("to")
	case command.nobackup && !l.priority:
		return nil, required("backup|nobackup")
	}
	return l, nil
}

// readSubflow reads one word, and the one that belongs to it.
func (s *session) readSubflow(command subflowCommand, l *subflowLine, word string, line *words) (err error) {
	switch {
	case word == "backup" && command.backup:
		l.flags, l.priority = pathmanager.Backup, true
	case word == "nobackup" && command.nobackup:
		l.flags, l.priority = 0, true
	case matches(word, "from"):
		l.from, err = readEnd(line, command.needsPort)
	case matches(word, "to"):
		l.to, err = readEnd(line, true)
	case matches(word, "id") && command.endpoint:
		var id uint8
		id, err = readID(line)
		l.id = &id
	case matches(word, "dev") && command.endpoint:
		l.device, err = s.readDevice(line)
	default:
		err = wrong(word, "unknown word for subflow "+command.name)
	}
	return err
}

func readEnd(line *words, needsPort bool) (netip.AddrPort, error) {
	word, err := line.value()
	if err != nil {
		return netip.AddrPort{}, err
	}
	return parseEnd(word, needsPort)
}
