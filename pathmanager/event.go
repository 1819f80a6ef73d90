package pathmanager

import (
	"fmt"
	"net/netip"
	"time"
)

// EventType says what happened (enum mptcp_event_type of uapi/linux/mptcp.h).
type EventType uint16

// The types of events. The gaps belong to events of the kernel before MPTCP was
// merged.
const (
	Created            EventType = 1  // a connection is made, its peer not yet heard of
	Established        EventType = 2  // a connection is fully established: subflows can follow
	Closed             EventType = 3  // a connection is gone
	Announced          EventType = 6  // the peer announced an address (ADD_ADDR)
	Removed            EventType = 7  // the peer withdrew an address (REMOVE_ADDR)
	SubflowEstablished EventType = 10 // a further subflow is there
	SubflowClosed      EventType = 11 // a subflow is gone; Error tells why
	SubflowPriority    EventType = 13 // the peer changed a subflow's priority (MP_PRIO)
	ListenerCreated    EventType = 15 // an MPTCP socket listens (Linux 6.2)
	ListenerClosed     EventType = 16 // an MPTCP socket listens no longer (Linux 6.2)

	// Loss is not the kernel's: here events are missing, because they were not
	// read as fast as they came. See Listener.
	Loss EventType = 0xffff
)

var eventNames = map[EventType]string{
	Created: "CREATED", Established: "ESTABLISHED", Closed: "CLOSED", Announced: "ANNOUNCED", Removed: "REMOVED",
	SubflowEstablished: "SF_ESTABLISHED", SubflowClosed: "SF_CLOSED", SubflowPriority: "SF_PRIO",
	ListenerCreated: "LISTENER_CREATED", ListenerClosed: "LISTENER_CLOSED", Loss: "LOSS",
}

// String gives the name that `ip mptcp monitor` prints, and LOSS.
func (t EventType) String() string {
	if name, known := eventNames[t]; known {
		return name
	}
	return fmt.Sprintf("UNKNOWN %d", uint16(t))
}

// Bits of an event's Flags (MPTCP_PM_EV_FLAG_* of uapi/linux/mptcp_pm.h).
const (
	DenyJoinID0    = 1 << 0 // the peer wants no subflows to its initial address
	ServerSideFlag = 1 << 1 // this host accepted the connection (Linux 6.18)
)

// Event is something that happened to a connection or a listening socket. What
// the kernel did not say is nil, or not valid for addresses.
type Event struct {
	Type    EventType
	Time    time.Time // when it was read
	NetNSID int32     // of the namespace, see AllNetNS; -1: the listener's own
	Token   Token     // of the connection; 0 for listening sockets and Loss

	Family              *uint16    // AF_INET 2 or AF_INET6 10
	LocalID, RemoteID   *uint8     // address ids; 0 is the initial subflow's address
	Source, Destination netip.Addr // local and remote; IPv4 within IPv6 stays what it is

	SourcePort, DestinationPort *uint16

	Backup      *bool   // the peer asked for a backup subflow
	Error       *uint8  // errno that closed a subflow
	Flags       *uint16 // DenyJoinID0, ServerSideFlag and later ones
	Timeout     *uint32 // no kernel sends it yet
	IfIndex     *int32  // the interface of a subflow
	ResetReason *uint32 // why the peer reset a subflow (MP_TCPRST, RFC 8684 section 3.6)
	ResetFlags  *uint32 // the flags of that option: U, V, W and T
	ServerSide  bool    // this host accepted the connection

	Lost      uint64 // how many events are missing, for Loss
	LostKnown bool   // the kernel could tell
}
