package packets

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"allroads/trace"
)

// flowKey is both ends of a flow, those of side 0 first.
type flowKey struct {
	addr  [2][2]uint64 // big-endian halves
	ports uint32
	six   bool
}

func keyOf(s *trace.Segment) (key flowKey, from int) {
	src, dst := halves(s.Src.Addr()), halves(s.Dst.Addr())
	ports := [2]uint32{uint32(s.Src.Port()), uint32(s.Dst.Port())}
	key.six = s.Src.Addr().Is6()
	if less(src, dst, ports) {
		key.addr, key.ports = [2][2]uint64{src, dst}, ports[0]<<16|ports[1]
		return key, 0
	}
	key.addr, key.ports = [2][2]uint64{dst, src}, ports[1]<<16|ports[0]
	return key, 1
}

func less(src, dst [2]uint64, ports [2]uint32) bool {
	switch {
	case src[0] != dst[0]:
		return src[0] < dst[0]
	case src[1] != dst[1]:
		return src[1] < dst[1]
	}
	return ports[0] <= ports[1]
}

func halves(a netip.Addr) [2]uint64 {
	raw := a.As16()
	return [2]uint64{binary.BigEndian.Uint64(raw[:]), binary.BigEndian.Uint64(raw[8:])}
}

func (k *flowKey) hash(seeds *[2]uint64) uint64 {
	low := fold(k.addr[0][0]^seeds[0], k.addr[0][1]^seeds[1]^uint64(k.ports))
	high := fold(k.addr[1][0]^seeds[0], k.addr[1][1]^seeds[1]^uint64(k.ports)<<32)
	return fold(low^seeds[1], high^seeds[0])
}

func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
