package ipmptcp

import (
	"context"
	"net/netip"

	"allroads/pathmanager"
)

// subflow drives one subflow of a connection.
func (s *session) subflow(line *words) error {
	word, more := line.next()
	if !more {
		return s.usage()
	}
	for _, command := range subflowCommands {
		if matches(word, command.name) {
			return s.runSubflow(command, line)
		}
	}
	return unknownCommand(word)
}

// subflowCommand says which words a command has beside TOKEN from END to END.
type subflowCommand struct {
	name      string
	needsPort bool // at the local end, too
	endpoint  bool // there may be id and dev
	backup    bool // there may be backup
	nobackup  bool // or nobackup, and one of them there must be
	run       func(context.Context, *pathmanager.Conn, *subflowLine) error
}

var subflowCommands = []subflowCommand{
	{name: "create", endpoint: true, backup: true, run: createSubflow},
	{name: "delete", needsPort: true, run: deleteSubflow},
	{name: "priority", backup: true, nobackup: true, run: setPriority},
}

func (s *session) runSubflow(command subflowCommand, line *words) error {
	l, err := s.parseSubflow(command, line)
	if err != nil {
		return err
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return command.run(s.ctx, conn, l)
}

func createSubflow(ctx context.Context, conn *pathmanager.Conn, l *subflowLine) error {
	local := pathmanager.Endpoint{Addr: l.from.Addr(), Port: l.from.Port(), IfIndex: l.device, Flags: l.flags}
	if l.id == nil {
		id, err := chooseID(ctx, conn, l.token, local.Addr)
		if err != nil {
			return err
		}
		l.id = &id
	}
	local.ID = *l.id
	return conn.CreateSubflow(ctx, l.token, local, l.to)
}

// chooseID gives the id that a connection knows an address by, or else the first
// that it does not use.
func chooseID(ctx context.Context, conn *pathmanager.Conn, token pathmanager.Token, addr netip.Addr) (uint8, error) {
	known, err := conn.ConnectionEndpoints(ctx, token)
	if err != nil {
		return 0, err
	}
	taken := [256]bool{0: true} // the initial subflow's
	for _, e := range known {
		if e.Addr == addr {
			return e.ID, nil
		}
		taken[e.ID] = true
	}
	for id, used := range taken {
		if !used {
			return uint8(id), nil
		}
	}
	return 0, &exit{"Error: every id from 1 to 255 is in use.\n", codeKernel}
}

func deleteSubflow(ctx context.Context, conn *pathmanager.Conn, l *subflowLine) error {
	return conn.DestroySubflow(ctx, l.token, l.from, l.to)
}

func setPriority(ctx context.Context, conn *pathmanager.Conn, l *subflowLine) error {
	return conn.SetPriority(ctx, l.token, l.from, l.to, l.flags&pathmanager.Backup != 0)
}
