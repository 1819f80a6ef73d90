// Package steering decides about the paths of single connections, under the userspace
// path manager: which subflows to make, to give another priority, and to close. It is
// pure: it is told what happened and what time it is, and answers with commands.
package steering

import (
	"net/netip"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// Local is an address of this host that may be used.
type Local struct {
	Addr      netip.Addr // link-local ones without zone
	Link      int        // index of its interface
	Interface string
	ID        uint8 // the address id that it has in all connections, 1 to 255
	Settings  config.InterfaceSettings
	Rule      string // of the configuration
}

// Input is something that happened: one of the types below.
type Input interface{ input() }

// Network tells all local addresses that may be used now. What is missing is gone.
type Network struct{ Locals []Local }

// Event is one of the kernel's.
type Event struct{ pathmanager.Event }

// Found tells all connections that are alive: at the start, and after events were lost.
type Found struct {
	Connections []Live
	// Began is when it was begun to look: what was heard of later is newer than what was
	// found. The zero value stands for the time of the step.
	Began time.Time
}

// Live is a connection as sock_diag has it.
type Live struct {
	Token         pathmanager.Token
	Side          config.Side
	Local, Remote netip.AddrPort
	V6Socket      bool
	UID           *uint32 // nil: not known
	Cgroup        *string // path, nil: not known
	Subflows      []LiveSubflow
	// Announced and used by this end, as the path manager lists them; nil: not known.
	Addresses []pathmanager.Endpoint
}

// LiveSubflow is a subflow as sock_diag has it, with what tells how good its path is.
type LiveSubflow struct {
	Local, Remote     netip.AddrPort
	LocalID, RemoteID uint8
	Link              int  // that it is bound to, 0: none
	Opening           bool // its handshake is under way
	Established       bool // it is complete, and the subflow is not closing
	Backup            bool // this end asked for it; where the kernel manages paths, either end
	RTT               time.Duration
	Timeouts          uint8         // retransmission time-outs in a row without an answer
	Outstanding       bool          // data is out, and not acknowledged
	Silent            time.Duration // since anything was acknowledged or received
	Sent, Again       uint64        // segments sent, and of those again, since the beginning
}

// Measured is the answer to what State.Measure asks: those of the connections that are alive.
type Measured struct{ Connections []Live }

// Owner tells whose a connection is, where a rule of the configuration asks for that
// (see State.Owners).
type Owner struct {
	Token  pathmanager.Token
	UID    *uint32
	Cgroup *string
}

// Done tells what became of a command.
type Done struct {
	Command Command
	Err     error // nil: the kernel took it
}

// Configured is a new configuration.
type Configured struct{ Config *config.Config }

// Tick: the time that Wake named has come.
type Tick struct{}

func (Network) input()    {}
func (Event) input()      {}
func (Found) input()      {}
func (Measured) input()   {}
func (Owner) input()      {}
func (Done) input()       {}
func (Configured) input() {}
func (Tick) input()       {}

// Action is what a Command does.
type Action string

// The actions, by the methods of pathmanager.Conn; Listen and Unlisten are about a
// listening MPTCP socket that accepts nothing, for subflows to an announced port.
const (
	Create      Action = "create"
	Destroy     Action = "destroy"
	Withdraw    Action = "withdraw"
	Announce    Action = "announce"
	SetPriority Action = "set-priority"
	Listen      Action = "listen"
	Unlisten    Action = "unlisten"
)

// Command is one step, to be carried out in order.
type Command struct {
	Action Action
	Token  pathmanager.Token
	Local  pathmanager.Endpoint // of Create and Announce; its ID of Withdraw
	// From and To name an existing subflow (Destroy, SetPriority); To is where Create
	// connects; From is where Listen and Unlisten do.
	From, To netip.AddrPort
	Backup   bool   // of SetPriority
	Why      string // the cause of the decision, as explain shows it
}
