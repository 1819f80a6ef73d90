package extract

import (
	"net/netip"
	"slices"

	"allroads/trace"
)

// pair is the ends of a flow, whoever sends: the lower one first.
type pair struct{ low, high netip.AddrPort }

func pairOf(a, b netip.AddrPort) pair {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return pair{a, b}
}

// use is what the addresses of a subflow are used for, at a time.
type use struct {
	starts []uint64 // numbers of the packets that begin wanted subflows
	wanted bool     // what is there now
	synned bool     // it began with a SYN
	opener netip.AddrPort
	isn    uint32
}

// flows tells which packets are of wanted subflows.
type flows map[pair]*use

func newFlows(chosen []Chosen) flows {
	all := flows{}
	for _, one := range chosen {
		for _, flow := range one.flows {
			at := pairOf(flow.client, flow.server)
			if all[at] == nil {
				all[at] = &use{}
			}
			all[at].starts = append(all[at].starts, flow.first)
		}
	}
	return all
}

// has reports whether a packet, the file's number n, is of a wanted subflow. It takes
// all packets in order.
func (f flows) has(n uint64, s *trace.Segment) bool {
	at := f[pairOf(s.Src, s.Dst)]
	return at != nil && at.has(n, s)
}

func (u *use) has(n uint64, s *trace.Segment) bool {
	opens := s.Flags&(trace.SYN|trace.ACK) == trace.SYN
	switch {
	case slices.Contains(u.starts, n):
		u.wanted = true
		u.synned, u.opener, u.isn = opens, s.Src, s.Seq
	case opens && u.wanted && !u.again(s):
		u.wanted = false
	}
	return u.wanted
}

// again reports whether a SYN is the one that opened what is there.
func (u *use) again(s *trace.Segment) bool {
	return u.synned && u.opener == s.Src && u.isn == s.Seq
}
