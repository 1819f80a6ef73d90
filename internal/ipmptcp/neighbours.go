package ipmptcp

import (
	"os"
	"path/filepath"
	"time"

	"allroads/internal/netns"
)

// place is the namespace that an event is from.
type place struct {
	name       string // under /run/netns
	isNumbered bool   // it is not the listener's own
	nsid       int32
	device     deviceNames
	devices    *devices
}

func (p *place) isNamed() bool { return p.name != "" }

// neighbours are the namespaces that have an id in the listener's. Ids and names
// come and go, so that what is known of them is soon forgotten.
type neighbours struct {
	ask    int // the listener's namespace, as a file descriptor
	known  map[int32]*place
	looked time.Time
}

const forgetAfter = time.Second

// find returns the namespace with an id; without a name, if it has none.
func (n *neighbours) find(nsid int32) *place {
	if n.known == nil || time.Since(n.looked) > forgetAfter {
		n.close()
		n.known, n.looked = namedPlaces(n.ask), time.Now()
	}
	if found := n.known[nsid]; found != nil {
		return found
	}
	return &place{isNumbered: true, nsid: nsid, device: nameless}
}

func (n *neighbours) close() {
	for _, place := range n.known {
		if place.devices != nil {
			place.devices.close()
		}
	}
	n.known = nil
}

// namedPlaces looks through the names of ip-netns(8). What cannot be read has no
// name.
func namedPlaces(ask int) map[int32]*place {
	places := map[int32]*place{}
	entries, _ := os.ReadDir(netns.NameDir)
	ids, err := openIDs(ask)
	if err != nil {
		return places
	}
	defer ids.Close()
	for _, entry := range entries {
		ns, err := netns.Open(filepath.Join(netns.NameDir, entry.Name()))
		if err != nil {
			continue
		}
		if nsid, ok := ids.of(ns); ok {
			places[nsid] = newPlace(entry.Name(), nsid, ns)
		}
		ns.Close()
	}
	return places
}

func newPlace(name string, nsid int32, ns *netns.NS) *place {
	p := &place{name: name, isNumbered: true, nsid: nsid, device: nameless}
	_ = ns.Do(func() (err error) {
		p.devices, err = openDevices()
		return err
	})
	if p.devices != nil {
		p.device = p.devices.name
	}
	return p
}
