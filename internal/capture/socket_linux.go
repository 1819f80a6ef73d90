package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	// retire is how long the kernel waits at least for a block to fill up; it
	// hands over what there is within twice that. Shorter is more timely, but
	// each block handed over early is room lost to a reader who falls behind.
	retire = 8 * time.Millisecond

	minBlock = 64 << 10

	// Those of Options.Bulk. A ring has two blocks at least.
	bulkRetire = 64 * time.Millisecond
	bulkBlock  = 512 << 10

	// frameOverhead is more than what comes before a frame's bytes in a block
	// of one frame: block, frame and address headers, their alignment and
	// vlanRoom.
	frameOverhead = 256
)

// A socket is a packet socket with its ring.
type socket struct {
	file      *os.File // owns fd; the runtime's poller waits for it
	fd        int
	memory    []byte // the ring, mapped
	blockSize int
	links     []link
	any       bool // all interfaces, those that come later included
}

// openSocket opens a packet socket in the calling thread's network namespace. It
// has seen no packet before its filter was in place: a socket of protocol 0 gets
// none until bind gives it another (packet(7)). interfaces is nil for all of them.
func openSocket(interfaces []string, o Options) (*socket, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, explainSocket(err)
	}
	s := &socket{file: os.NewFile(uintptr(fd), "packet socket"), fd: fd}
	if err := s.setUp(interfaces, o); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *socket) setUp(interfaces []string, o Options) (err error) {
	if s.any = interfaces == nil; s.any {
		s.links, err = findAll(s.fd)
	} else {
		s.links, err = findLinks(s.fd, interfaces)
	}
	if err != nil {
		return err
	}
	program, err := assemble(s.interfaces(), o.Filter, o.SnapLen)
	if err != nil {
		return fmt.Errorf("make filter: %w", err)
	}
	if err := s.attach(program); err != nil {
		return fmt.Errorf("attach filter: %w", err)
	}
	if err := s.makeRing(o); err != nil {
		return explainRing(err, o)
	}
	all := &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL)}
	if err := unix.Bind(s.fd, all); err != nil {
		return fmt.Errorf("bind packet socket: %w", err)
	}
	return nil
}

// interfaces runs into what follows it for frames of the socket's interfaces.
func (s *socket) interfaces() []bpf.Instruction {
	if s.any {
		return onEthernet()
	}
	return onLinks(s.links)
}

func (s *socket) attach(program []bpf.RawInstruction) error {
	filter := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
}

// makeRing gives the socket a ring of version 3, whose frames differ in size:
// the frame size asked for plays no part in it.
func (s *socket) makeRing(o Options) error {
	wait := retire
	s.blockSize = blockSize(o.SnapLen)
	if o.Bulk {
		wait, s.blockSize = bulkRetire, max(s.blockSize, bulkBlock)
	}
	blocks := max(2, (o.RingBytes+s.blockSize-1)/s.blockSize)
	if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_RESERVE, vlanRoom); err != nil {
		return err
	}
	request := &unix.TpacketReq3{
		Block_size:     uint32(s.blockSize),
		Block_nr:       uint32(blocks),
		Frame_size:     uint32(s.blockSize),
		Frame_nr:       uint32(blocks),
		Retire_blk_tov: uint32(wait.Milliseconds()),
	}
	if err := unix.SetsockoptTpacketReq3(s.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, request); err != nil {
		return err
	}
	memory, err := unix.Mmap(s.fd, 0, blocks*s.blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	s.memory = memory
	return err
}

// blockSize is the room for at least one frame: the kernel cuts frames that are
// larger than a block. It is a power of two because the kernel allocates it so.
func blockSize(snapLen int) int {
	size := minBlock
	for size < snapLen+frameOverhead {
		size *= 2
	}
	return size
}

func (s *socket) blocks() int { return len(s.memory) / s.blockSize }

// block returns a block's memory.
func (s *socket) block(number int) []byte {
	start := number * s.blockSize
	return s.memory[start : start+s.blockSize]
}

func networkOrder(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}

// close may be called again: then it does nothing.
func (s *socket) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.memory != nil {
		err = errors.Join(err, unix.Munmap(s.memory))
	}
	s.file, s.memory = nil, nil
	if err != nil {
		return fmt.Errorf("close packet socket: %w", err)
	}
	return nil
}
