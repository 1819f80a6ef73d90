package rtnl

import (
	"encoding/binary"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// packed is a message as the kernel sends it.
func packed(kind, flags uint16, body []byte) []byte {
	host := binary.NativeEndian
	b := host.AppendUint32(nil, uint32(unix.NLMSG_HDRLEN+len(body)))
	b = host.AppendUint16(host.AppendUint16(b, kind), flags)
	b = append(host.AppendUint32(host.AppendUint32(b, 0), 0), body...)
	return append(b, make([]byte, -len(b)&3)...)
}

// FuzzApply: whatever the kernel sends, nothing panics, what is kept is whole, and the
// same messages once more change nothing, which a dump between them relies upon.
func FuzzApply(f *testing.F) {
	f.Add(uint16(unix.RTM_NEWLINK), uint16(0), make([]byte, unix.SizeofIfInfomsg))
	f.Fuzz(func(t *testing.T, kind, flags uint16, body []byte) {
		now := time.Unix(1e9, 0)
		s := newState()
		replay := func() {
			for rest := packed(kind, flags, body); ; {
				m, more, ok := split(rest)
				if !ok {
					return
				}
				s.apply(m, now)
				rest = more
			}
		}
		replay()
		first := s.snapshot(now)
		replay()
		if second := s.snapshot(now); !s.doubts.any() && !first.equal(second) {
			t.Errorf("%+v, and once more %+v", first, second)
		}
		for _, a := range first.Addresses {
			if !a.Addr().IsValid() || a.Link <= 0 {
				t.Errorf("address %+v", a)
			}
		}
		for _, hop := range append(first.Defaults, first.Own...) {
			if !hop.To.IsValid() {
				t.Errorf("hop %+v", hop)
			}
		}
	})
}

// FuzzAnswer: no answer panics or goes on for ever, and what it holds is inside of it.
func FuzzAnswer(f *testing.F) {
	f.Add(packed(unix.RTM_NEWROUTE, unix.NLM_F_MULTI|unix.NLM_F_DUMP_INTR, make([]byte, routeHeader)), true)
	f.Add(packed(unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, make([]byte, 24)), false)
	f.Fuzz(func(t *testing.T, b []byte, dump bool) {
		taken := 0
		a := answer{dump: dump, each: func(m message) {
			taken += unix.NLMSG_HDRLEN + len(m.body)
			parseLink(m.body)
			parseAddress(m.body)
			parseRoute(m.body)
			parseRule(m.body)
			parseObject(m.body)
		}}
		a.read(b)
		if taken > len(b) {
			t.Errorf("%d bytes of messages in %d", taken, len(b))
		}
	})
}
