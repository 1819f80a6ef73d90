package capture

import (
	"encoding/binary"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel fills the ring block by block (struct tpacket_block_desc in
// include/uapi/linux/if_packet.h) and hands each one over when it is full or its
// time is up. The block's status word says whose it is.
const (
	blockHeader = unsafe.Offsetof(unix.TpacketBlockDesc{}.Hdr)

	// addressOffset is where a frame's struct sockaddr_ll follows its header,
	// which already ends on a multiple of TPACKET_ALIGNMENT.
	addressOffset = unix.SizeofTpacket3Hdr

	// vlanRoom is the room in front of each frame, asked for by
	// PACKET_RESERVE, to put back a VLAN tag.
	vlanRoom   = 4
	vlanOffset = 12 // behind the two MAC addresses
)

// block reads one block of the ring.
type block struct {
	memory []byte
	next   int // offset of the next frame's header
	left   int // frames not read
}

func (b *block) header() *unix.TpacketHdrV1 {
	return (*unix.TpacketHdrV1)(unsafe.Pointer(&b.memory[blockHeader]))
}

// ready reports whether the block belongs to the reader. What the kernel wrote
// before it handed the block over is visible afterwards.
func (b *block) ready() bool {
	return atomic.LoadUint32(&b.header().Block_status)&unix.TP_STATUS_USER != 0
}

// open starts reading a block that is ready.
func (b *block) open() {
	b.next = int(b.header().Offset_to_first_pkt)
	b.left = int(b.header().Num_pkts)
}

// release gives the block back to the kernel, which overwrites it.
func (b *block) release() {
	atomic.StoreUint32(&b.header().Block_status, unix.TP_STATUS_KERNEL)
	b.left = 0
}

// read takes the next frame, at most snapLen bytes of it, into p, and returns
// the index of its interface.
func (b *block) read(p *Packet, snapLen int) (index int32) {
	header := (*unix.Tpacket3Hdr)(unsafe.Pointer(&b.memory[b.next]))
	address := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b.memory[b.next+addressOffset]))
	start := b.next + int(header.Mac)
	end := start + int(header.Snaplen)
	p.Length = int(header.Len)
	if header.Status&unix.TP_STATUS_VLAN_VALID != 0 {
		start = b.restoreTag(header, start, end)
		p.Length += vlanRoom
	}
	end = min(end, start+snapLen)
	p.Data = b.memory[start:end:end]
	p.Time = int64(header.Sec)*int64(time.Second) + int64(header.Nsec)
	b.next += int(header.Next_offset)
	b.left--
	return address.Ifindex
}

// restoreTag puts the VLAN tag, which the kernel keeps apart, back into the frame
// at start and returns where the frame starts now. A frame cut short of the
// tag's place stays as it is.
func (b *block) restoreTag(header *unix.Tpacket3Hdr, start, end int) int {
	if end-start < vlanOffset {
		return start
	}
	protocol := uint16(unix.ETH_P_8021Q)
	if header.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		protocol = header.Hv1.Vlan_tpid
	}
	frame := b.memory[start-vlanRoom:]
	copy(frame, frame[vlanRoom:vlanRoom+vlanOffset])
	binary.BigEndian.PutUint16(frame[vlanOffset:], protocol)
	binary.BigEndian.PutUint16(frame[vlanOffset+2:], uint16(header.Hv1.Vlan_tci))
	return start - vlanRoom
}
