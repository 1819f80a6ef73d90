package mptcp

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// Layout of struct mptcp_subflow_addrs: two struct __kernel_sockaddr_storage.
const (
	addrsLocal  = 0
	addrsRemote = 128
	addrsSize   = 256
)

// parseAddrs reads a struct mptcp_subflow_addrs into a subflow.
func parseAddrs(b []byte, into *Subflow) (err error) {
	if len(b) < addrsSize {
		return fmt.Errorf("decode subflow addresses: %d bytes, want %d", len(b), addrsSize)
	}
	if into.Local, err = parseSockaddr(b[addrsLocal:addrsRemote]); err != nil {
		return err
	}
	into.Remote, err = parseSockaddr(b[addrsRemote:addrsSize])
	return err
}

// Layout of struct mptcp_subflow_info: a number, and addresses aligned like a
// pointer of the kernel, which is not always one of this program.
const (
	subflowID       = 0
	subflowAddrs64  = 8
	subflowAddrs32  = 4
	subflowInfoRoom = subflowAddrs64 + addrsSize
)

// parseSubflowInfo reads a struct mptcp_subflow_info into a subflow.
func parseSubflowInfo(b []byte, into *Subflow) error {
	if len(b) < subflowAddrs64 {
		return fmt.Errorf("decode subflow info: %d bytes are too short", len(b))
	}
	into.ID = new(binary.NativeEndian.Uint32(b[subflowID:]))
	return parseAddrs(b[subflowAddrsAt(b):], into)
}

// subflowAddrsAt finds the addresses: a 32-bit kernel has an address family
// where a 64-bit one has padding, which it clears.
func subflowAddrsAt(b []byte) int {
	switch binary.NativeEndian.Uint16(b[subflowAddrs32:]) {
	case unix.AF_INET, unix.AF_INET6:
		return subflowAddrs32
	}
	return subflowAddrs64
}
