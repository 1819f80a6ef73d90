package sockdiag

import (
	"testing"

	"allroads/internal/inetdiag"
	"allroads/internal/nl"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// restless is a stream of a kernel in which the number of subflows of each
// connection is another one each time.
type restless struct {
	stream
	asked, changes *int
}

func (r restless) Ask(kind, flags uint16, body []byte) error {
	*r.asked++
	return r.stream.Ask(kind, flags, body)
}

func (r restless) Next() ([]byte, error) {
	body, err := r.stream.Next()
	if err != nil || len(body) < inetdiag.MessageLen {
		return body, err
	}
	if info := nl.Attributes(body[inetdiag.MessageLen:]).Find(inetdiag.AttrInfo); info != nil && len(info) < tcpInfoLen {
		*r.changes++
		info[0] = uint8(1 + *r.changes%3) // mptcpi_subflows
	}
	return body, nil
}

// TestChanging: a connection that never holds still is yielded as that, after a
// bounded number of looks.
func TestChanging(t *testing.T) {
	port := connected(t)
	s, err := open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	asked, changes := 0, 0
	s.dumps, s.lookups = restless{s.dumps, &asked, &changes}, restless{s.lookups, &asked, &changes}
	var tokens []uint32
	for c, err := range s.connections(t.Context(), Filter{Port: port}) {
		if err != nil {
			t.Fatal(err)
		}
		if !c.Changing || len(c.Subflows) != 1 || c.Info.ExtraSubflows == 0 {
			t.Errorf("%+v is not changing", c)
		}
		tokens = append(tokens, c.Info.Token)
	}
	if len(tokens) != 2 || tokens[0] == tokens[1] {
		t.Errorf("connections with tokens %x, want two", tokens)
	}
	// Two dumps for each family at first, one more, and two rounds of two look-ups.
	others := changes // Connections of other tests are read again, too.
	if asked > 6+2*2*max(others, 2) {
		t.Errorf("%d requests", asked)
	}
}

// connected makes a connection on the loopback interface, and returns the port of
// its server.
func connected(t *testing.T) uint16 {
	t.Helper()
	fds := make([]int, 2)
	for i := range fds {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
		if err != nil {
			t.Skipf("no MPTCP sockets: %v", err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		fds[i] = fd
	}
	at := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	err := unix.Bind(fds[0], at)
	if err == nil {
		err = unix.Listen(fds[0], 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fds[0])
	if err == nil {
		err = unix.Connect(fds[1], name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return uint16(name.(*unix.SockaddrInet4).Port)
}

func TestFits(t *testing.T) {
	const capable, join = CapableLocal, JoinLocal
	open, pending, closing := mptcp.StateEstablished, mptcp.StateSynSent, mptcp.StateFinWait1
	type subflow struct {
		flags Flags
		state mptcp.TCPState
	}
	for _, c := range []struct {
		extra, total uint8
		subflows     []subflow
		want         bool
	}{
		{0, 1, []subflow{{capable, open}}, true},
		{0, 1, []subflow{{0, pending}}, true},
		{0, 0, []subflow{{capable, closing}}, true},
		{0, 0, nil, true},
		{0, 1, nil, false},
		{1, 2, []subflow{{capable, open}}, false},
		{1, 2, []subflow{{capable, open}, {join, pending}}, true},
		{0, 1, []subflow{{capable, open}, {join, open}}, false},
		{0, 1, []subflow{{capable, open}, {join, closing}}, true},
		{1, 2, []subflow{{capable, open}, {join, closing}}, true},
		{1, 1, []subflow{{JoinRemote, open}}, true},
		{1, 2, []subflow{{JoinRemote, open}}, false},
		{2, 3, []subflow{{capable, open}, {join, open}, {join, open}, {join, open}}, false},
	} {
		connection := Connection{Info: mptcp.Info{ExtraSubflows: c.extra, SubflowsTotal: &c.total}}
		for _, s := range c.subflows {
			connection.Subflows = append(connection.Subflows, Subflow{Flags: s.flags, State: s.state})
		}
		if connection.fits() != c.want {
			t.Errorf("%+v fits: %t", c, !c.want)
		}
		connection.Info.SubflowsTotal = nil // Before Linux 6.8.
		if c.want && !connection.fits() {
			t.Errorf("%+v does not fit without a total", c)
		}
	}
}
