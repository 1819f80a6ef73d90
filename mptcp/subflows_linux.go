package mptcp

import (
	"bytes"
	"errors"
	"sync/atomic"
)

// Room for subflows at first: the 8 extra ones that kernels before 7.2 allow,
// and the initial one. Whoever has more is asked again with room for them.
const firstRoom = 9

// Subflows can change between two system calls; five times in a row they do not.
const maxTries = 5

var errChanging = errors.New("subflows change faster than they can be read")

// fullInfoMissing remembers that this kernel has no MPTCP_FULL_INFO.
var fullInfoMissing atomic.Bool

func readSubflows(fd int) ([]Subflow, error) {
	if fullInfoMissing.Load() {
		return readJoined(fd)
	}
	subflows, err := readFull(fd)
	if !refused(err) {
		return subflows, err
	}
	if subflows, err = readJoined(fd); err == nil {
		fullInfoMissing.Store(true)
	}
	return subflows, err
}

// readFull reads the subflows by MPTCP_FULL_INFO.
func readFull(fd int) ([]Subflow, error) {
	room := firstRoom
	for range maxTries {
		full, err := readFullInfo(fd, room)
		if err != nil {
			return nil, err
		}
		if int(full.count()) <= room {
			return full.subflows()
		}
		room = int(full.count())
	}
	return nil, errChanging
}

// readJoined reads the subflows by the two options that older kernels have.
func readJoined(fd int) ([]Subflow, error) {
	subflows, err := join(func(option, size int) ([]byte, error) {
		return readAllData(fd, option, size)
	})
	if refused(err) {
		return nil, explain(fd, "MPTCP_SUBFLOW_ADDRS", "5.16", err)
	}
	return subflows, err
}

// join reads addresses before and after the rest: if they are the same, what was
// read in between belongs to them.
func join(read func(option, size int) ([]byte, error)) ([]Subflow, error) {
	for range maxTries {
		before, err := read(optSubflowAddrs, addrsSize)
		if err != nil {
			return nil, err
		}
		tcp, err := read(optTCPInfo, tcpInfoSize)
		if err != nil {
			return nil, err
		}
		after, err := read(optSubflowAddrs, addrsSize)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(before, after) && subflowDataCount(before) == subflowDataCount(tcp) {
			return parseJoined(before, tcp)
		}
	}
	return nil, errChanging
}

// readAllData reads an option with room for all subflows.
func readAllData(fd, option, size int) ([]byte, error) {
	room := firstRoom
	for range maxTries {
		answer, err := readSubflowData(fd, option, size, room)
		if err != nil {
			return nil, err
		}
		n := int(subflowDataCount(answer))
		if n <= room {
			return answer, nil
		}
		room = n
	}
	return nil, errChanging
}
