package lab

import (
	"fmt"

	"allroads/internal/nft"
)

// Hits is how many packets a middlebox has done something to: that of the link
// or of the router with the name.
func (l *Lab) Hits(name string) (hits uint64, err error) {
	if link := l.links[name]; link != nil && link.box != nil {
		for _, rules := range link.box.Counts() {
			for _, packets := range rules {
				hits += packets
			}
		}
		return hits, nil
	}
	host := l.hosts[name]
	if host == nil {
		return 0, fmt.Errorf("no middlebox %q", name)
	}
	counters, err := nft.Counters(host.ns)
	for _, c := range counters {
		hits += c.Packets
	}
	return hits, err
}
