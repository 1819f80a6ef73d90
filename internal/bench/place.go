package bench

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"time"
)

// places are the interfaces that have this host's addresses.
type places map[netip.Addr]string

// readPlaces reads those of the calling thread's network namespace.
func readPlaces() places {
	found := places{}
	interfaces, err := net.Interfaces()
	if err != nil {
		return found // Labels without interfaces.
	}
	for _, i := range interfaces {
		addresses, _ := i.Addrs()
		for _, a := range addresses {
			if prefix, ok := a.(*net.IPNet); ok {
				if at, ok := netip.AddrFromSlice(prefix.IP); ok {
					found[at.Unmap()] = i.Name
				}
			}
		}
	}
	return found
}

// pathsOf groups subflows by the addresses that they are between, in the order of
// what they carried.
func pathsOf(f *Flow) (paths []Path) {
	times := map[int][]time.Duration{}
	for i := range f.Subflows {
		s := &f.Subflows[i]
		place := Place{s.Client.Addr(), s.Server.Addr(), s.Interface}
		at := slices.IndexFunc(paths, func(p Path) bool { return p.Place == place })
		if at < 0 {
			at = len(paths)
			paths = append(paths, Path{Place: place})
		}
		paths[at].Subflows++
		paths[at].Bytes += s.carried()
		if s.Retransmitted != nil {
			paths[at].Retransmitted += *s.Retransmitted
		}
		if s.RTT != nil {
			times[at] = append(times[at], *s.RTT)
		}
	}
	for i := range paths {
		paths[i].RTT = mean(times[i])
		if f.Lasted != nil {
			paths[i].Goodput = goodput(paths[i].Bytes, *f.Lasted)
		}
	}
	slices.SortStableFunc(paths, func(a, b Path) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return paths
}

func mean(times []time.Duration) (sum time.Duration) {
	for _, t := range times {
		sum += t
	}
	return sum / time.Duration(max(len(times), 1))
}
