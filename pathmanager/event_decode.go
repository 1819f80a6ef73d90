package pathmanager

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Attributes of events (enum mptcp_event_attr of uapi/linux/mptcp.h). Numbers
// are in host byte order, except for ports.
const (
	evToken = iota + 1
	evFamily
	evLocID
	evRemID
	evSaddr4
	evSaddr6
	evDaddr4
	evDaddr6
	evSport
	evDport
	evBackup
	evError
	evFlags
	evTimeout
	evIfIndex
	evResetReason
	evResetFlags
	evServerSide
)

// evSizes are those of the values, in bytes.
var evSizes = [...]int{
	evToken: 4, evFamily: 2, evLocID: 1, evRemID: 1, evSaddr4: 4, evSaddr6: 16, evDaddr4: 4, evDaddr6: 16, evSport: 2,
	evDport: 2, evBackup: 1, evError: 1, evFlags: 2, evTimeout: 4, evIfIndex: 4, evResetReason: 4, evResetFlags: 4, evServerSide: 1,
}

// decodeEvent reads what follows the generic netlink header of an event.
// Attributes that are not known are passed over.
func decodeEvent(command uint8, data attributes) (Event, error) {
	event := Event{Type: EventType(command), NetNSID: -1}
	for len(data) > 0 {
		number, value, err := data.next()
		if err == nil && number != 0 && int(number) < len(evSizes) {
			if err = sized(number, value, evSizes[number]); err == nil {
				event.decode(number, value)
			}
		}
		if err != nil {
			return event, fmt.Errorf("event %s: %w", event.Type, err)
		}
	}
	if event.Flags != nil && *event.Flags&ServerSideFlag != 0 {
		event.ServerSide = true
	}
	return event, nil
}

// decode takes one attribute, whose value has its size.
func (e *Event) decode(number uint16, value []byte) {
	native := binary.NativeEndian
	switch number {
	case evToken:
		e.Token = Token(native.Uint32(value))
	case evFamily:
		e.Family = new(native.Uint16(value))
	case evLocID:
		e.LocalID = new(value[0])
	case evRemID:
		e.RemoteID = new(value[0])
	case evSaddr4, evSaddr6:
		e.Source, _ = netip.AddrFromSlice(value)
	case evDaddr4, evDaddr6:
		e.Destination, _ = netip.AddrFromSlice(value)
	case evSport:
		e.SourcePort = new(binary.BigEndian.Uint16(value))
	case evDport:
		e.DestinationPort = new(binary.BigEndian.Uint16(value))
	case evBackup:
		e.Backup = new(value[0] != 0)
	case evError:
		e.Error = new(value[0])
	case evFlags:
		e.Flags = new(native.Uint16(value))
	case evTimeout:
		e.Timeout = new(native.Uint32(value))
	case evIfIndex:
		e.IfIndex = new(int32(native.Uint32(value)))
	case evResetReason:
		e.ResetReason = new(native.Uint32(value))
	case evResetFlags:
		e.ResetFlags = new(native.Uint32(value))
	case evServerSide:
		e.ServerSide = value[0] != 0
	}
}
