package holding

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"

	"allroads/internal/inetdiag"
	"allroads/internal/netns"
	"allroads/internal/nl"
	"allroads/mptcp"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// list asks for all sockets of the process's network namespace, by inode. When that
// may not be entered, there are none.
func (h *Held) list(ctx context.Context) (map[uint64]Socket, error) {
	there, err := netns.Open("/proc/" + strconv.Itoa(h.PID) + "/ns/net")
	if err != nil {
		h.Foreign, h.Closed = true, err
		return nil, nil
	}
	defer there.Close()
	listed := map[uint64]Socket{}
	inode, err := there.Inode()
	own, err2 := netns.Own()
	if err != nil || err2 != nil || inode != own {
		h.Foreign = true
	}
	if !h.Foreign {
		return listed, listHere(ctx, 0, listed)
	}
	if err := listThere(ctx, there, listed); err != nil {
		h.Closed = err
		return nil, ctx.Err()
	}
	return listed, nil
}

func listThere(ctx context.Context, there *netns.NS, listed map[uint64]Socket) error {
	return there.Do(func() error { return listHere(ctx, there.Fd(), listed) })
}

// listHere lists the sockets of the calling thread's namespace, which a descriptor
// refers to, 0: the process's own. MPTCP comes last: of what is on both lists, that is
// what the program has. A kernel that cannot list MPTCP sockets leaves those to be asked.
func listHere(ctx context.Context, namespace int, listed map[uint64]Socket) error {
	if err := listTCP(ctx, listed); err != nil {
		return fmt.Errorf("list tcp sockets: %w", err)
	}
	conn, err := sockdiag.Dial(ctx, namespace)
	if errors.Is(err, sockdiag.ErrNotSupported) {
		return nil
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	for c, err := range conn.Connections(ctx, sockdiag.Filter{Listeners: sockdiag.WithListeners}) {
		if errors.Is(err, sockdiag.ErrNotSupported) {
			return nil
		}
		if err != nil {
			return err
		}
		if c.Inode != 0 {
			listed[c.Inode] = ofConnection(c)
		}
	}
	return nil
}

func ofConnection(c *sockdiag.Connection) Socket {
	s := Socket{Kind: MPTCP, State: c.State, Local: c.Local, Remote: c.Remote}
	switch {
	case c.Info.Fallback:
		s.Kind = Fallback
	case c.State != mptcp.StateListen:
		token, established, pending := c.Info.Token, c.Established(), 0
		for i := range c.Subflows {
			if state := c.Subflows[i].State; state == mptcp.StateSynSent || state == mptcp.StateSynRecv || state == mptcp.StateNewSynRecv {
				pending++
			}
		}
		s.Token, s.Subflows, s.Pending = &token, &established, &pending
	}
	return s
}

const (
	attrMD5   = 18 // INET_DIAG_MD5SIG, told to CAP_NET_ADMIN only
	allStates = ^uint32(0)
)

// listTCP lists plain TCP sockets: without those that are subflows.
func listTCP(ctx context.Context, listed map[uint64]Socket) error {
	stream, err := nl.DialStream(unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return err
	}
	defer stream.Close()
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		request := inetdiag.Request{Family: family, Protocol: unix.IPPROTO_TCP, States: allStates}
		if err := stream.Ask(inetdiag.ByFamily, unix.NLM_F_DUMP, request.Append(nil)); err != nil {
			return err
		}
		for {
			body, err := stream.Next()
			if err == io.EOF {
				break
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			addTCP(body, listed)
		}
	}
	return nil
}

// addTCP reads a struct inet_diag_msg.
func addTCP(b []byte, listed map[uint64]Socket) {
	if len(b) < inetdiag.MessageLen {
		return
	}
	inode := uint64(binary.NativeEndian.Uint32(b[68:]))
	attributes := nl.Attributes(b[inetdiag.MessageLen:])
	if inode == 0 || isSubflow(attributes) {
		return
	}
	var id inetdiag.ID
	id.Decode(b[4:])
	s := Socket{Kind: TCP, State: mptcp.TCPState(b[1]), md5: attributes.Find(attrMD5) != nil}
	s.Local, s.Remote = id.Addrs(b[0])
	if s.Remote.Port() == 0 {
		s.Remote = netip.AddrPort{}
	}
	listed[inode] = s
}

func isSubflow(attributes nl.Attributes) bool {
	ulp := nl.Attributes(attributes.Find(inetdiag.AttrULPInfo))
	name := ulp.Find(inetdiag.ULPName)
	return len(name) >= 5 && string(name[:5]) == "mptcp"
}
