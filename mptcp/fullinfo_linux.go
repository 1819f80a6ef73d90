package mptcp

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"
)

// Offsets in struct mptcp_full_info, as far as the struct mptcp_info at its end,
// which the kernel leaves out when there is no room for it. The arrays are
// elsewhere in memory; their addresses are 64 bits wide everywhere.
const (
	fullTCPInfoSize     = 4  // of one struct tcp_info: room, then what was filled
	fullSubflowInfoSize = 12 // of one struct mptcp_subflow_info: the same
	fullCount           = 16 // subflows there are
	fullRoom            = 20 // subflows there is room for
	fullSubflowInfos    = 24 // address of the array
	fullTCPInfos        = 32 // address of the array
	fullHeader          = 40
)

// fullInfo is one answer to MPTCP_FULL_INFO.
type fullInfo struct {
	header       [fullHeader]byte
	subflowInfos []byte
	tcpInfos     []byte
}

// readFullInfo asks for up to room subflows.
func readFullInfo(fd, room int) (*fullInfo, error) {
	full := &fullInfo{
		subflowInfos: make([]byte, room*subflowInfoRoom),
		tcpInfos:     make([]byte, room*tcpInfoSize),
	}
	// The kernel writes through addresses that the garbage collector does not
	// see as pointers.
	var pinned runtime.Pinner
	defer pinned.Unpin()
	pinned.Pin(&full.subflowInfos[0])
	pinned.Pin(&full.tcpInfos[0])

	host := binary.NativeEndian
	header := full.header[:]
	host.PutUint32(header[fullTCPInfoSize:], tcpInfoSize)
	host.PutUint32(header[fullSubflowInfoSize:], subflowInfoRoom)
	host.PutUint32(header[fullRoom:], uint32(room))
	host.PutUint64(header[fullSubflowInfos:], uint64(uintptr(unsafe.Pointer(&full.subflowInfos[0]))))
	host.PutUint64(header[fullTCPInfos:], uint64(uintptr(unsafe.Pointer(&full.tcpInfos[0]))))
	if _, err := getsockopt(fd, optFullInfo, header); err != nil {
		return nil, err
	}
	return full, nil
}

// count is how many subflows there are.
func (f *fullInfo) count() uint32 { return binary.NativeEndian.Uint32(f.header[fullCount:]) }

// subflows decodes an answer in which all subflows found room.
func (f *fullInfo) subflows() ([]Subflow, error) {
	host := binary.NativeEndian
	infos, err := newRows("subflow infos", f.subflowInfos, host.Uint32(f.header[fullSubflowInfoSize:]), f.count())
	if err != nil {
		return nil, err
	}
	tcps, err := newRows("tcp infos", f.tcpInfos, host.Uint32(f.header[fullTCPInfoSize:]), f.count())
	if err != nil {
		return nil, err
	}
	subflows := make([]Subflow, infos.count)
	for i := range subflows {
		if err := parseSubflowInfo(infos.row(i), &subflows[i]); err != nil {
			return nil, fmt.Errorf("subflow %d: %w", i, err)
		}
		if err := parseTCPInfo(tcps.row(i), &subflows[i]); err != nil {
			return nil, fmt.Errorf("subflow %d: %w", i, err)
		}
	}
	return subflows, nil
}
