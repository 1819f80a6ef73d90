package nl_test

import (
	"errors"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/nl"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// The family that knows all families, and its command for that.
const (
	nlctrl    = 16
	getFamily = 3
)

func requests(t *testing.T, family uint16) (*genetlink.Conn, *nl.Requests) {
	t.Helper()
	conn := dial(t)
	r, err := nl.NewRequests(conn, family)
	if err != nil {
		t.Fatal(err)
	}
	return conn, r
}

// families asks for all families, as many times as there are.
func families(r *nl.Requests, each func([]byte) error) (n int, err error) {
	err = r.Do(getFamily, 1, unix.NLM_F_DUMP, nil, func(attributes []byte) error {
		n++
		return each(attributes)
	})
	return n, err
}

func fine([]byte) error { return nil }

func TestRequestsRefusedAsTheLibraryHasIt(t *testing.T) {
	conn := dial(t)
	family, err := conn.GetFamily("mptcp_pm")
	if err != nil {
		netnstest.Missing(t, "the kernel's MPTCP path manager")
	}
	want := nl.Kernel(overLimits(conn))
	r, err := nl.NewRequests(conn, family.ID)
	if err != nil {
		t.Fatal(err)
	}
	attributes := netlink.NewAttributeEncoder()
	attributes.Uint32(2, 0)
	attributes.Uint32(3, 1<<20)
	data, err := attributes.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got := r.Do(5, 1, unix.NLM_F_ACK, data, nil)
	if diff := cmp.Diff(want, got); diff != "" || want == nil {
		t.Errorf("refused (-by the library +by Requests):\n%s", diff)
	}
	// A command that does not exist is refused without a text.
	if err := r.Do(200, 1, unix.NLM_F_ACK, nil, nil); !errors.Is(err, unix.EOPNOTSUPP) {
		t.Errorf("command 200: %v, want EOPNOTSUPP", err)
	}
}

func TestRequestsListAll(t *testing.T) {
	conn, r := requests(t, nlctrl)
	all, err := conn.ListFamilies()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := families(r, fine); err != nil || n != len(all) {
		t.Errorf("%d families, %v, want %d", n, err, len(all))
	}
}

// TestRequestsPassOverOthersAnswers leaves an answer unread.
func TestRequestsPassOverOthersAnswers(t *testing.T) {
	conn, r := requests(t, nlctrl)
	request := genetlink.Message{Header: genetlink.Header{Command: getFamily, Version: 1}}
	if _, err := conn.Send(request, nlctrl, netlink.Request|netlink.Acknowledge); err != nil { // It is refused: of which family?
		t.Fatal(err)
	}
	if n, err := families(r, fine); err != nil || n < 2 {
		t.Errorf("%d families, %v", n, err)
	}
}

// TestRequestsAfterAWrongReply: the rest of a dump is read before the next one.
func TestRequestsAfterAWrongReply(t *testing.T) {
	_, r := requests(t, nlctrl)
	wrong := errors.New("wrong")
	for range 3 {
		if n, err := families(r, func([]byte) error { return wrong }); err != wrong || n != 1 {
			t.Errorf("%d replies looked at, %v, want one and what is wrong with it", n, err)
		}
		if n, err := families(r, fine); err != nil || n < 2 {
			t.Errorf("then %d families, %v", n, err)
		}
	}
}

func TestRequestsOnAClosedSocket(t *testing.T) {
	conn, r := requests(t, nlctrl)
	conn.Close()
	if _, err := families(r, fine); !errors.Is(err, unix.EBADF) {
		t.Errorf("on a closed socket: %v, want EBADF", err)
	}
}
