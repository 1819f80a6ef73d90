package mptcp

import (
	"encoding/binary"
	"fmt"
)

// Offsets in struct mptcp_subflow_data, the head of an answer to MPTCP_TCPINFO
// or MPTCP_SUBFLOW_ADDRS. The array follows it.
const (
	dataHeadSize = 0  // of this struct
	dataCount    = 4  // subflows there are
	dataRowSize  = 12 // of one element: room, then what was filled
	dataHeader   = 16
)

// readSubflowData asks for up to room elements of size bytes. The answer is
// shorter when there are fewer.
func readSubflowData(fd, option, size, room int) ([]byte, error) {
	host := binary.NativeEndian
	answer := make([]byte, dataHeader+room*size)
	host.PutUint32(answer[dataHeadSize:], dataHeader)
	host.PutUint32(answer[dataRowSize:], uint32(size))
	n, err := getsockopt(fd, option, answer)
	if err != nil {
		return nil, err
	}
	return answer[:n], nil
}

// subflowDataCount is how many subflows an answer says there are, whether it
// had room for them or not; 0 if it is too short to say.
func subflowDataCount(answer []byte) uint32 {
	if len(answer) < dataHeader {
		return 0
	}
	return binary.NativeEndian.Uint32(answer[dataCount:])
}

// parseSubflowData finds the elements in an answer in which all found room.
func parseSubflowData(what string, answer []byte) (rows, error) {
	if len(answer) < dataHeader {
		return rows{}, fmt.Errorf("decode %s: answer of %d bytes", what, len(answer))
	}
	size := binary.NativeEndian.Uint32(answer[dataRowSize:])
	return newRows(what, answer[dataHeader:], size, subflowDataCount(answer))
}

// parseJoined decodes answers to MPTCP_SUBFLOW_ADDRS and MPTCP_TCPINFO that
// describe the same subflows in the same order.
func parseJoined(addrs, tcp []byte) ([]Subflow, error) {
	pairs, err := parseSubflowData("subflow addresses", addrs)
	if err != nil {
		return nil, err
	}
	infos, err := parseSubflowData("tcp infos", tcp)
	if err != nil {
		return nil, err
	}
	if pairs.count != infos.count {
		return nil, fmt.Errorf("join %d subflow addresses with %d tcp infos", pairs.count, infos.count)
	}
	subflows := make([]Subflow, pairs.count)
	for i := range subflows {
		if err := parseAddrs(pairs.row(i), &subflows[i]); err != nil {
			return nil, fmt.Errorf("subflow %d: %w", i, err)
		}
		if err := parseTCPInfo(infos.row(i), &subflows[i]); err != nil {
			return nil, fmt.Errorf("subflow %d: %w", i, err)
		}
	}
	return subflows, nil
}
