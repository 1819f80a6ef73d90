package trace

import (
	"encoding/binary"
	"math/bits"
)

// tuple is the addresses and ports of a segment as they are compared and hashed
// fastest. It distinguishes the same segments as Src and Dst together.
type tuple struct {
	src, dst [2]uint64 // big-endian halves; an IPv4 address is in the second
	ports    uint64    // source in bits 16 to 31, destination below; bit 32 is set for IPv6
}

const tuple6 = 1 << 32

// set4 takes the addresses of an IPv4 header, from its twelfth byte on.
func (t *tuple) set4(b []byte) {
	t.src[1], t.dst[1] = uint64(binary.BigEndian.Uint32(b)), uint64(binary.BigEndian.Uint32(b[4:]))
}

func (t *tuple) set6(src, dst []byte) {
	t.src = [2]uint64{binary.BigEndian.Uint64(src), binary.BigEndian.Uint64(src[8:])}
	t.dst = [2]uint64{binary.BigEndian.Uint64(dst), binary.BigEndian.Uint64(dst[8:])}
	t.ports |= tuple6
}

// reverse is the tuple of the segments that go the other way.
func (t *tuple) reverse() tuple {
	ports := t.ports&tuple6 | t.ports&0xffff<<16 | t.ports>>16&0xffff
	return tuple{src: t.dst, dst: t.src, ports: ports}
}

// is reports whether two tuples are equal, in less time than a comparison of all
// their bytes takes.
func (t *tuple) is(o *tuple) bool {
	return t.ports == o.ports && t.src[1] == o.src[1] && t.dst[1] == o.dst[1] && t.src[0] == o.src[0] && t.dst[0] == o.dst[0]
}

// turned reports whether a tuple is that of the segments that go the other way.
func (t *tuple) turned(o *tuple) bool {
	return t.src[1] == o.dst[1] && t.dst[1] == o.src[1] && t.src[0] == o.dst[0] && t.dst[0] == o.src[0] &&
		t.ports == o.ports&tuple6|o.ports&0xffff<<16|o.ports>>16&0xffff
}

// hash is the same for both directions of a flow. Whoever does not know the
// seeds cannot choose flows that collide.
func (t *tuple) hash(seeds *[2]uint64) uint64 {
	src := fold(t.src[0]^seeds[0], t.src[1]^t.ports&0xffff0000<<16^seeds[1])
	dst := fold(t.dst[0]^seeds[0], t.dst[1]^t.ports&0xffff<<32^seeds[1])
	return fold(src+dst+t.ports>>32, seeds[1])
}

func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
