package nl

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

func message(kind, flags uint16, sequence uint32, body ...byte) []byte {
	native := binary.NativeEndian
	m := native.AppendUint32(nil, uint32(headerLen+len(body)))
	m = native.AppendUint16(native.AppendUint16(m, kind), flags)
	m = native.AppendUint32(native.AppendUint32(m, sequence), 0)
	m = append(m, body...)
	return append(m, make([]byte, -len(m)&3)...)
}

// number is an error number as the kernel sends it.
func number(n int32) []byte { return binary.NativeEndian.AppendUint32(nil, uint32(n)) }

// said is NLMSGERR_ATTR_MSG.
func said(text string) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(text)+1))
	b = append(binary.NativeEndian.AppendUint16(b, unix.NLMSGERR_ATTR_MSG), text...)
	return append(b, make([]byte, 4-len(b)&3)...)
}

func TestVerdict(t *testing.T) {
	request := message(20, 5, 1, 1, 2, 3, 4)
	for name, c := range map[string]struct {
		kind, flags uint16
		body        []byte
		want        error
	}{
		"acknowledged":         {unix.NLMSG_ERROR, 0, append(number(0), request...), nil},
		"the end of a dump":    {unix.NLMSG_DONE, 0, number(0), nil},
		"an end without words": {unix.NLMSG_DONE, 0, nil, nil},
		"refused":              {unix.NLMSG_ERROR, 0, append(number(-22), request...), &Error{Errno: 22}},
		"refused with a text": {unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, append(append(number(-22), request...), said("no")...),
			&Error{Errno: 22, Message: "no"}},
		"a capped request": {unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS | unix.NLM_F_CAPPED,
			append(append(number(-2), request[:headerLen]...), said("why not")...), &Error{Errno: 2, Message: "why not"}},
		"a dump that is refused": {unix.NLMSG_DONE, unix.NLM_F_ACK_TLVS, append(number(-1), said("dump")...),
			&Error{Errno: 1, Message: "dump"}},
		"a text that is cut":    {unix.NLMSG_DONE, unix.NLM_F_ACK_TLVS, append(number(-1), said("text")[:7]...), &Error{Errno: 1}},
		"a request that is cut": {unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, append(number(-1), request[:18]...), &Error{Errno: 1}},
	} {
		got := verdict(c.kind, c.flags, c.body)
		if c.want == nil && got == nil {
			continue
		}
		ours, isError := got.(*Error)
		if want, _ := c.want.(*Error); !isError || want == nil || *ours != *want {
			t.Errorf("%s: %#v, want %#v", name, got, c.want)
		}
	}
	if err := verdict(unix.NLMSG_ERROR, 0, []byte{1, 2}); err == nil {
		t.Error("two bytes are an acknowledgement")
	}
}

// FuzzRead: no answer makes it panic or goes on for ever.
func FuzzRead(f *testing.F) {
	f.Add(message(20, unix.NLM_F_MULTI, 7, 3, 1, 0, 0), true)
	f.Add(message(unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, 7, append(append(number(-22), message(20, 5, 7)...), said("text")...)...), false)
	f.Add(append(message(20, 0, 6, 3, 1, 0, 0), message(unix.NLMSG_DONE, 0, 7, number(0)...)...), false)
	f.Fuzz(func(t *testing.T, datagram []byte, alone bool) {
		r, replies, wrong := Requests{family: 20, sequence: 7}, 0, error(nil)
		_, _ = r.read(datagram, alone, func([]byte) error { replies++; return nil }, &wrong)
		if replies > len(datagram)/(headerLen+genericLen) {
			t.Errorf("%d replies in %d bytes", replies, len(datagram))
		}
	})
}
