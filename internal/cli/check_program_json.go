package cli

import (
	"fmt"
	"net/netip"

	"allroads/internal/holding"
	"allroads/internal/program"
)

// shownProgram is what check-program prints in JSON.
type shownProgram struct {
	Schema      string           `json:"schema"`
	Convertible *program.Answer  `json:"convertible"`
	UsesMPTCP   *program.Answer  `json:"uses_mptcp"`
	Why         string           `json:"why,omitempty"`
	Processes   []shownProcess   `json:"processes"`
	Program     *program.Program `json:"program"`
	Ways        []program.Way    `json:"ways"`
	Options     []checkedOption  `json:"socket_options"`
	Notices     []string         `json:"notices"`
}

type shownProcess struct {
	PID     int            `json:"pid"`
	Name    string         `json:"name"`
	Sockets []shownSocket  `json:"sockets"`
	Others  map[string]int `json:"other_sockets"`
	Rings   int            `json:"io_uring_rings"`
	Foreign bool           `json:"other_netns"`
}

type shownSocket struct {
	Descriptors []int        `json:"descriptors"`
	Inode       uint64       `json:"inode"`
	Kind        holding.Kind `json:"kind"`
	Why         string       `json:"why,omitempty"`
	State       *string      `json:"state"`
	Local       *string      `json:"local"`
	Remote      *string      `json:"remote"`
	Token       *string      `json:"token"`
	Subflows    *int         `json:"subflows_established"`
	Pending     *int         `json:"subflows_pending"`
	Options     []string     `json:"options_set"`
}

func (c *checkedProgram) shown() *shownProgram {
	shown := &shownProgram{Schema: "allroads.program/1", Program: c.program, Why: c.why, Ways: c.ways, Options: c.options, Notices: c.notices}
	if c.processes == nil {
		shown.Convertible = &c.answer
	} else {
		shown.UsesMPTCP = &c.answer
	}
	if c.program != nil { // What fails is said with them.
		plain := *c.program
		plain.Options = nil
		shown.Program = &plain
	}
	for _, p := range c.processes {
		process := shownProcess{PID: p.PID, Name: p.Name, Sockets: []shownSocket{}, Others: p.Others, Rings: p.Rings, Foreign: p.Foreign}
		for i := range p.Sockets {
			process.Sockets = append(process.Sockets, showSocket(&p.Sockets[i]))
		}
		shown.Processes = append(shown.Processes, process)
	}
	return shown
}

func showSocket(s *holding.Socket) shownSocket {
	shown := shownSocket{Descriptors: s.Descriptors, Inode: s.Inode, Kind: s.Kind, Why: s.Why, Subflows: s.Subflows, Pending: s.Pending,
		Options: s.Options, Local: shownAddress(s.Local), Remote: shownAddress(s.Remote)}
	if s.State != 0 {
		state := s.State.String()
		shown.State = &state
	}
	if s.Token != nil {
		token := fmt.Sprintf("%08x", *s.Token)
		shown.Token = &token
	}
	return shown
}

func shownAddress(at netip.AddrPort) *string {
	if !at.IsValid() {
		return nil
	}
	text := at.String()
	return &text
}
