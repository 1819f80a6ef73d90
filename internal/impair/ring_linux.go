package impair

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	etherHeader = 14
	vlanTag     = 4

	// slotHeader is more than what the kernel puts before a frame in a slot:
	// struct tpacket2_hdr, struct sockaddr_ll and the alignment (packet_mmap.rst
	// in the kernel's Documentation/networking).
	slotHeader = 96

	minSlot  = 2048
	minBlock = 64 << 10
)

// A ring is memory where the kernel puts the frames of a packet socket, each in
// a slot of its own (TPACKET_V2). A slot is the kernel's or ours, as its status
// word says.
type ring struct {
	memory []byte
	slot   int // bytes
	next   int // offset of the slot to read next
}

// open makes a ring of at least so many frames up to an MTU.
func (r *ring) open(fd, mtu, frames int) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V2); err != nil {
		return err
	}
	// Room to put back a VLAN tag, which the kernel takes off.
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_RESERVE, vlanTag); err != nil {
		return err
	}
	r.slot = slotSize(mtu)
	block := max(minBlock, r.slot)
	blocks := (frames*r.slot + block - 1) / block
	request := &unix.TpacketReq{
		Block_size: uint32(block),
		Block_nr:   uint32(blocks),
		Frame_size: uint32(r.slot),
		Frame_nr:   uint32(blocks * (block / r.slot)),
	}
	if err := unix.SetsockoptTpacketReq(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, request); err != nil {
		return err
	}
	memory, err := unix.Mmap(fd, 0, blocks*block, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	r.memory = memory
	return err
}

// slotSize is a power of two so that slots fill the blocks, which are pages.
func slotSize(mtu int) int {
	size := minSlot
	for size < slotHeader+2*vlanTag+mtu {
		size *= 2
	}
	return size
}

func (r *ring) header() *unix.Tpacket2Hdr {
	return (*unix.Tpacket2Hdr)(unsafe.Pointer(&r.memory[r.next]))
}

// ready reports whether there is a frame to read. What the kernel wrote before it
// handed the slot over is visible afterwards.
func (r *ring) ready() bool {
	return atomic.LoadUint32(&r.header().Status)&unix.TP_STATUS_USER != 0
}

// release gives the slot that was read back to the kernel, which overwrites it.
func (r *ring) release() {
	atomic.StoreUint32(&r.header().Status, unix.TP_STATUS_KERNEL)
	r.next += r.slot
	if r.next == len(r.memory) {
		r.next = 0
	}
}

// frame returns the frame to read, in the ring's memory, unless it is unfit to be
// sent on: longer than the slot, or without its checksum, which the sender leaves
// to a network card that is not there (see DisableOffloads).
func (r *ring) frame() (frame []byte, ok bool) {
	h := r.header()
	if h.Snaplen != h.Len || h.Status&unix.TP_STATUS_CSUMNOTREADY != 0 {
		return nil, false
	}
	start := r.next + int(h.Mac)
	end := start + int(h.Len)
	if h.Status&unix.TP_STATUS_VLAN_VALID != 0 {
		start = r.restoreTag(start)
	}
	return r.memory[start:end:end], true
}

// restoreTag puts the VLAN tag, which the kernel keeps apart, back into the frame
// at start and returns where it starts now.
func (r *ring) restoreTag(start int) int {
	const addresses = 12
	h := r.header()
	frame := r.memory[start-vlanTag:]
	copy(frame, frame[vlanTag:vlanTag+addresses])
	protocol := uint16(unix.ETH_P_8021Q)
	if h.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		protocol = h.Vlan_tpid
	}
	frame[addresses], frame[addresses+1] = byte(protocol>>8), byte(protocol)
	frame[addresses+2], frame[addresses+3] = byte(h.Vlan_tci>>8), byte(h.Vlan_tci)
	return start - vlanTag
}

// arrived returns when the kernel got the frame, in nanoseconds of CLOCK_REALTIME.
func (r *ring) arrived() int64 {
	h := r.header()
	return int64(h.Sec)*1e9 + int64(h.Nsec)
}

func (r *ring) close() error {
	if r.memory == nil {
		return nil
	}
	err := unix.Munmap(r.memory)
	r.memory = nil
	return err
}
