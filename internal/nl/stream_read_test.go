package nl

import (
	"io"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStreamWithoutRoom: a dump for which the kernel has no room at first is all
// there in the end.
func TestStreamWithoutRoom(t *testing.T) {
	s, err := DialStream(unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2000 { // More acknowledgements than the socket takes.
		if err := s.send(unix.NLMSG_NOOP, unix.NLM_F_ACK, 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	count := func() (n int) {
		if err := s.Ask(unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg)); err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := s.Next(); err == io.EOF {
				return n
			} else if err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	full := count()
	if s.kicks == 0 {
		t.Error("there was room")
	}
	if n := count(); n != full || n == 0 {
		t.Errorf("%d links, and then %d", full, n)
	}
}

// FuzzStream: no datagram makes it panic or goes on for ever, and no message is
// longer than what is left.
func FuzzStream(f *testing.F) {
	f.Add(message(20, unix.NLM_F_MULTI, 7, 3, 1, 0, 0), true)
	f.Add(message(unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, 7, append(append(number(-22), message(20, 5, 7)...), said("text")...)...), false)
	f.Add(append(message(20, unix.NLM_F_DUMP_INTR, 7), message(unix.NLMSG_DONE, 0, 7, number(0)...)...), false)
	f.Add(append(message(20, 0, 6, 3, 1, 0, 0), message(3, 0, 7)...), false)
	f.Fuzz(func(t *testing.T, datagram []byte, alone bool) {
		s := Stream{sequence: 7, under: true, alone: alone, left: datagram}
		for messages := 0; s.under && len(s.left) >= headerLen; messages++ {
			before := len(s.left)
			body, err := s.message()
			if len(s.left) >= before || len(body) > before-headerLen {
				t.Fatalf("%d bytes of %d, %d left, %v", len(body), before, len(s.left), err)
			}
			if alone && body != nil && s.under {
				t.Error("it waits for more than one message")
			}
		}
	})
}
