package policy

import (
	"maps"
	"net/netip"
	"slices"

	"allroads/pathmanager"
)

// IDs gives addresses the ids by which peers know them, 1 to 255. An address that comes
// back has the id that it had: an id goes to another address only when all others are
// held, and then that of the address that has been away for longest. The zero value holds
// none.
type IDs struct {
	held    map[netip.Addr]uint8
	owner   [256]netip.Addr // of each id; not valid: free
	foreign [256]bool       // of endpoints of others
	used    [256]uint64     // when each id was last asked for, in calls
	calls   uint64
	last    uint8 // the id that was given last
}

// Of returns the id of an address, and 0 where every id is held by an address that is
// alive.
func (ids *IDs) Of(addr netip.Addr) uint8 {
	addr = addr.Unmap().WithZone("")
	if ids.held[addr] == 0 {
		ids.give(addr, ids.free())
		ids.last = ids.held[addr]
	}
	id := ids.held[addr]
	ids.touch(id)
	return id
}

// Alive tells which addresses there are. Until the next call, their ids are not given to
// others, and those of all other addresses may be.
func (ids *IDs) Alive(addrs ...netip.Addr) {
	ids.calls++
	for _, addr := range addrs {
		ids.touch(ids.held[addr.Unmap().WithZone("")])
	}
}

// Avoid tells the endpoints of others. An address of theirs has the id that it has there;
// their other ids are not given to anybody, and taken from who holds them.
func (ids *IDs) Avoid(foreign []pathmanager.Endpoint) {
	ids.foreign = [256]bool{}
	for _, e := range foreign {
		addr := e.Addr.Unmap()
		if ids.owner[e.ID] != addr {
			ids.take(e.ID)
		}
		if e.Port == 0 && ids.held[addr] != e.ID {
			ids.take(ids.held[addr])
			ids.give(addr, e.ID)
		}
		ids.foreign[e.ID] = true
	}
}

// Save returns what Restore takes.
func (ids *IDs) Save() map[netip.Addr]uint8 { return maps.Clone(ids.held) }

// Restore takes back ids that were given before, as far as they are free.
func (ids *IDs) Restore(saved map[netip.Addr]uint8) {
	addrs := slices.SortedFunc(maps.Keys(saved), netip.Addr.Compare)
	for _, addr := range addrs {
		id, addr := saved[addr], addr.Unmap()
		if id != 0 && ids.held[addr] == 0 && !ids.owner[id].IsValid() && !ids.foreign[id] {
			ids.give(addr, id)
			ids.last = max(ids.last, id)
		}
	}
}

func (ids *IDs) touch(id uint8) { ids.used[id] = ids.calls + 1 }

func (ids *IDs) give(addr netip.Addr, id uint8) {
	if id == 0 {
		return
	}
	if ids.held == nil {
		ids.held = map[netip.Addr]uint8{}
	}
	ids.take(id)
	ids.held[addr], ids.owner[id] = id, addr
}

// take makes an id nobody's.
func (ids *IDs) take(id uint8) {
	delete(ids.held, ids.owner[id])
	ids.owner[id], ids.used[id] = netip.Addr{}, 0
}

// free goes up from the last id that was given, then takes any that nobody holds, then
// that of the address that was alive longest ago.
func (ids *IDs) free() uint8 {
	for n := range 255 {
		id := uint8((int(ids.last)+n)%255) + 1
		if !ids.owner[id].IsValid() && !ids.foreign[id] {
			return id
		}
	}
	oldest := uint8(0)
	for id := 1; id < 256; id++ {
		if !ids.foreign[id] && ids.used[id] <= ids.calls && (oldest == 0 || ids.used[id] < ids.used[oldest]) {
			oldest = uint8(id)
		}
	}
	return oldest
}
