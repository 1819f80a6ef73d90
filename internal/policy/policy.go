// Package policy decides what the kernel's tables of a network namespace are to hold:
// endpoints, limits, routing tables and rules. It is pure: the same picture of the
// network and the same configuration give the same decisions, and nothing is done here.
package policy

import (
	"allroads/internal/config"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// State is how far an address is.
type State string

// The states of an address.
const (
	Ready   State = "ready"
	Waiting State = "waiting" // Reason says for what
	Left    State = "left"    // left alone: Reason says why
)

// Assessment is what becomes of a local address, and why.
type Assessment struct {
	Address  rtnl.Address
	Link     rtnl.Link
	Type     config.LinkType
	Rule     string                   // which rule decided: its name, interfaces[N], or built-in: ...
	Settings config.InterfaceSettings // with nothing left open
	State    State
	Reason   string // "waiting for a default route", "it is a VPN's (wireguard)"
}

// Planned is an endpoint that the kernel is to have.
type Planned struct {
	Endpoint   pathmanager.Endpoint // with its ID
	Assessment Assessment
}

// Dropped is an address for which the kernel has no place.
type Dropped struct {
	Assessment Assessment
	Reason     string
}

// Plan is what the kernel's tables are to hold.
type Plan struct {
	Endpoints []Planned // the most wanted first
	Dropped   []Dropped
	Limits    pathmanager.Limits
}

// Actual is what they hold.
type Actual struct {
	Endpoints []pathmanager.Endpoint
	Limits    pathmanager.Limits
}

// Kind is what a Change does.
type Kind string

// The kinds of changes.
const (
	Add       Kind = "add"
	Delete    Kind = "delete"
	SetFlags  Kind = "set-flags"
	SetLimits Kind = "set-limits"
)

// Change is one step from what is to what is to be.
type Change struct {
	Kind Kind
	// Endpoint is what to add, or the one to delete or to set the flags of, by its ID.
	// Its ID is 0 where the kernel is to keep that of the implicit endpoint that is
	// replaced.
	Endpoint pathmanager.Endpoint
	Limits   pathmanager.Limits
	Device   string // name of the endpoint's interface, "": not known
	Why      string
}
