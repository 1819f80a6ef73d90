package pathmanager

import (
	"fmt"
	"strings"
)

// Flags say what an endpoint is for (MPTCP_PM_ADDR_FLAG_* of
// uapi/linux/mptcp_pm.h).
type Flags uint32

// The flags of an endpoint.
const (
	Signal   Flags = 1 << iota // announce the address to the peer (ADD_ADDR)
	Subflow                    // make subflows from the address
	Backup                     // ask the peer to use the subflow only as a backup
	Fullmesh                   // make subflows to every known address of the peer
	Implicit                   // made by the kernel itself, from a subflow's source
	Laminar                    // a source for subflows to announced addresses (Linux 6.18)
)

// flagNames are the words of ip-mptcp(8), in the order in which it prints them.
var flagNames = []struct {
	flag Flags
	name string
}{
	{Signal, "signal"},
	{Subflow, "subflow"},
	{Backup, "backup"},
	{Fullmesh, "fullmesh"},
	{Implicit, "implicit"},
	{Laminar, "laminar"},
}

// Words lists the flags that have a name in ip-mptcp(8), in the order in which
// it prints them.
func (f Flags) Words() []string {
	var words []string
	for _, known := range flagNames {
		if f&known.flag != 0 {
			words = append(words, known.name)
		}
	}
	return words
}

// Unknown returns the flags that have no name.
func (f Flags) Unknown() Flags {
	for _, known := range flagNames {
		f &^= known.flag
	}
	return f
}

// String lists the flags in the words of ip-mptcp(8), divided by spaces.
func (f Flags) String() string {
	words := f.Words()
	if unknown := f.Unknown(); unknown != 0 {
		words = append(words, fmt.Sprintf("rawflags %02x", uint32(unknown)))
	}
	return strings.Join(words, " ")
}

// ParseFlag returns the flag with a name of ip-mptcp(8).
func ParseFlag(name string) (Flags, error) {
	for _, known := range flagNames {
		if known.name == name {
			return known.flag, nil
		}
	}
	return 0, fmt.Errorf("unknown endpoint flag %q: signal, subflow, backup, fullmesh, implicit or laminar", name)
}
