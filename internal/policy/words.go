package policy

import (
	"fmt"
	"strings"

	"allroads/pathmanager"
)

// words are an endpoint's flags and port.
func words(e pathmanager.Endpoint) string {
	w := e.Flags.String()
	if w == "" {
		w = "no flags"
	}
	if e.Port != 0 {
		w += fmt.Sprintf(" port %d", e.Port)
	}
	return w
}

func wish(p Planned) string {
	why := fmt.Sprintf("%s on %s is ready", p.Assessment.Address.Addr(), p.Assessment.Link.Name)
	if p.Assessment.Rule != "" {
		why += fmt.Sprintf(" (rule %s)", p.Assessment.Rule)
	}
	return why
}

func difference(there, want pathmanager.Endpoint) string {
	if there.IfIndex != want.IfIndex {
		return fmt.Sprintf("it is on interface %d, and the address is on %d", there.IfIndex, want.IfIndex)
	}
	return fmt.Sprintf("it is %s, and is to be %s", words(there), words(want))
}

func because(from, to pathmanager.Limits) string {
	return fmt.Sprintf("the limits are %d subflows and %d announced addresses, and are to be %d and %d",
		from.Subflows, from.AddAddrAccepted, to.Subflows, to.AddAddrAccepted)
}

// String is the command of ip(8) that does the same.
func (c Change) String() string {
	switch c.Kind {
	case Add:
		return "ip mptcp endpoint add " + c.endpoint()
	case Delete:
		return fmt.Sprintf("ip mptcp endpoint delete id %d", c.Endpoint.ID)
	case SetFlags:
		return fmt.Sprintf("ip mptcp endpoint change id %d %s", c.Endpoint.ID, changed(c.Endpoint.Flags))
	case SetLimits:
		return fmt.Sprintf("ip mptcp limits set subflows %d add_addr_accepted %d", c.Limits.Subflows, c.Limits.AddAddrAccepted)
	}
	return string(c.Kind)
}

func (c Change) endpoint() string {
	e := c.Endpoint
	line := []string{e.Addr.String()}
	if e.Port != 0 {
		line = append(line, fmt.Sprintf("port %d", e.Port))
	}
	if e.IfIndex != 0 {
		line = append(line, "dev "+deviceName(c.Device, e.IfIndex))
	}
	if e.ID != 0 {
		line = append(line, fmt.Sprintf("id %d", e.ID))
	}
	return strings.Join(append(line, e.Flags.Words()...), " ")
}

// deviceName is what ip(8) takes for an interface without a name, too.
func deviceName(name string, index int) string {
	if name == "" {
		return fmt.Sprintf("if%d", index)
	}
	return name
}

// changed names both flags that the kernel replaces.
func changed(f pathmanager.Flags) string {
	line := "nobackup"
	if f&pathmanager.Backup != 0 {
		line = "backup"
	}
	if f&pathmanager.Fullmesh != 0 {
		return line + " fullmesh"
	}
	return line + " nofullmesh"
}
