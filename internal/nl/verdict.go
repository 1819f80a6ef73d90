package nl

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// verdict reads the end of an answer: an acknowledgement, a refusal, or the end of
// a dump, which may be a refusal too. The kernel's text follows in attributes,
// behind the request if there is one (Documentation/userspace-api/netlink).
func verdict(kind, flags uint16, body []byte) error {
	native := binary.NativeEndian
	if len(body) < 4 {
		if kind == unix.NLMSG_DONE {
			return nil
		}
		return fmt.Errorf("answer without an error number")
	}
	number := int32(native.Uint32(body))
	if number == 0 {
		return nil
	}
	refusal := &Error{Errno: unix.Errno(-number)}
	if flags&unix.NLM_F_ACK_TLVS == 0 {
		return refusal
	}
	attributes := body[4:]
	if kind == unix.NLMSG_ERROR {
		request := headerLen
		if flags&unix.NLM_F_CAPPED == 0 && len(attributes) >= headerLen {
			request = int(native.Uint32(attributes))
		}
		if request < 0 || request > len(attributes) {
			return refusal
		}
		attributes = attributes[request:]
	}
	message := Attributes(attributes).Find(unix.NLMSGERR_ATTR_MSG)
	refusal.Message = string(bytes.TrimRight(message, "\x00"))
	return refusal
}
