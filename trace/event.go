package trace

import "allroads/wire"

// Event is something that happened on a connection besides data.
type Event struct {
	Time    int64     `json:"time,string"` // nanoseconds since 1970 UTC
	Packet  uint64    `json:"packet"`      // number, from 1, through all given to the analyzer
	Subflow int       `json:"subflow"`     // that brought it
	By      string    `json:"by"`          // client or server
	Kind    EventKind `json:"kind"`
	Detail  string    `json:"detail"` // in words; "" when there is no more to say
}

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventOpened      EventKind = "opened"      // a SYN with MP_CAPABLE or MP_JOIN
	EventEstablished EventKind = "established" // the handshake is complete
	EventAddAddr     EventKind = "add_addr"
	EventEcho        EventKind = "add_addr_echo"
	EventRemoveAddr  EventKind = "remove_addr"
	EventPriority    EventKind = "mp_prio"
	EventFail        EventKind = "mp_fail"
	EventFastClose   EventKind = "mp_fastclose"
	EventFallback    EventKind = "fallback"
	EventDataFIN     EventKind = "data_fin"
	EventRefused     EventKind = "refused" // reset before the handshake was complete
	EventStale       EventKind = "stale"   // payload was under way for long without an acknowledgement, which has come now
	EventReset       EventKind = "reset"
	EventFIN         EventKind = "closed" // both ends have the other's FIN
)

// maxEvents bounds how many events of a connection are kept, the first ones.
const maxEvents = 256

// note takes note of an event that the packet at hand brings.
func (f *subflow) note(kind EventKind, by side, detail string) {
	c := f.conn
	if len(c.events) >= maxEvents {
		c.more++
		return
	}
	c.events = append(c.events, Event{
		Time: f.last, Packet: f.packet, Subflow: f.id, By: by.String(), Kind: kind, Detail: detail,
	})
}

// removed takes a REMOVE_ADDR.
func (f *subflow) removed(by side, option wire.Option) {
	var m wire.RemoveAddr
	if !f.malformed(wire.ParseRemoveAddr(option, &m)) {
		f.note(EventRemoveAddr, by, m.String())
		for _, id := range m.List() {
			f.conn.remove(by, id, f.last)
		}
	}
}

// prioritized takes an MP_PRIO, which changes how the other side uses the subflow
// (RFC 8684, section 3.3.8).
func (f *subflow) prioritized(by side, option wire.Option) {
	var m wire.MPPrio
	if f.malformed(wire.ParseMPPrio(option, &m)) {
		return
	}
	if !m.HasAddressID { // else it is of another, version 0
		f.backup[by] = m.Backup
	}
	f.note(EventPriority, by, m.String())
}

// failed takes an MP_FAIL.
func (f *subflow) failed(by side, option wire.Option) {
	var m wire.MPFail
	if !f.malformed(wire.ParseMPFail(option, &m)) {
		f.conn.failed = "MP_FAIL by the " + by.String()
		f.note(EventFail, by, m.String())
	}
}

// aborted takes an MP_FASTCLOSE.
func (f *subflow) aborted(by side, option wire.Option) {
	var m wire.MPFastClose
	if f.malformed(wire.ParseMPFastClose(option, &m)) {
		return
	}
	if to := f.conn.keys[by.other()]; to.known && m.Key != to.key {
		f.fault("the key of an MP_FASTCLOSE is not the " + by.other().String() + "'s")
	}
	if f.conn.aborted == "" {
		f.note(EventFastClose, by, m.String())
	}
	f.conn.aborted = "MP_FASTCLOSE by the " + by.String()
}

// remove takes note of an address that a side has no more, for its subflows.
func (c *connection) remove(of side, id uint8, at int64) {
	for _, flow := range c.subflows {
		if flow.addressID(of) == id && flow.ended == "" && flow.removedAt == 0 {
			flow.removedAt = at
		}
	}
}

// addressID is the identifier of a side's address: 0 for the initial subflow's.
func (f *subflow) addressID(of side) uint8 {
	if f.opener == of {
		return f.join.syn.AddressID
	}
	return f.join.synAck.AddressID
}
