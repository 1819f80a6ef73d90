package live

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"syscall"
	"time"

	"allroads/internal/nl"
	"allroads/sockdiag"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// interfaces knows the network interfaces of a namespace, as they were when they
// were last read.
type interfaces struct {
	conn   *netlink.Conn
	names  map[uint32]string
	having map[netip.Addr]uint32 // which has an address, several: more than one
	routes routes

	raw      syscall.RawConn // the same socket, for many small requests
	sequence uint32
	answer   [4096]byte
}

const several = 0 // no interface has this number

func openInterfaces(fd int) (*interfaces, error) {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nl.Config(fd))
	if err != nil {
		return nil, fmt.Errorf("open rtnetlink socket: %w", nl.Kernel(err))
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open rtnetlink socket: %w", err)
	}
	return &interfaces{conn: conn, raw: raw}, nil
}

func (i *interfaces) close() error { return i.conn.Close() }

// read asks the kernel for all interfaces and addresses.
func (i *interfaces) read() error {
	i.routes.forget(time.Now())
	i.names, i.having = map[uint32]string{}, map[netip.Addr]uint32{}
	if err := i.dump(unix.RTM_GETLINK, unix.SizeofIfInfomsg, i.link); err != nil {
		return fmt.Errorf("list interfaces: %w", err)
	}
	if err := i.dump(unix.RTM_GETADDR, unix.SizeofIfAddrmsg, i.address); err != nil {
		return fmt.Errorf("list addresses: %w", err)
	}
	return nil
}

// dump calls each with the header and the attributes of all replies to a request.
// Before an end that says that things changed meanwhile, they are as good as any:
// the next read is not far.
func (i *interfaces) dump(request uint16, header int, each func(header []byte, attributes *netlink.AttributeDecoder)) error {
	replies, err := i.conn.Execute(netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(request), Flags: netlink.Request | netlink.Dump},
		Data:   make([]byte, header),
	})
	if err != nil {
		return nl.Kernel(err)
	}
	for _, reply := range replies {
		if len(reply.Data) < header {
			return fmt.Errorf("reply of %d bytes, shorter than its header", len(reply.Data))
		}
		attributes, err := netlink.NewAttributeDecoder(reply.Data[header:])
		if err != nil {
			return err
		}
		each(reply.Data[:header], attributes)
	}
	return nil
}

// link reads struct ifinfomsg of linux/rtnetlink.h.
func (i *interfaces) link(header []byte, attributes *netlink.AttributeDecoder) {
	for attributes.Next() {
		if attributes.Type() == unix.IFLA_IFNAME {
			i.names[binary.NativeEndian.Uint32(header[4:])] = attributes.String()
		}
	}
}

// address reads struct ifaddrmsg of linux/if_addr.h. IFA_LOCAL is the own address
// where the other one is the peer's, on point-to-point links.
func (i *interfaces) address(header []byte, attributes *netlink.AttributeDecoder) {
	var address, local netip.Addr
	for attributes.Next() {
		switch attributes.Type() {
		case unix.IFA_ADDRESS:
			address, _ = netip.AddrFromSlice(attributes.Bytes())
		case unix.IFA_LOCAL:
			local, _ = netip.AddrFromSlice(attributes.Bytes())
		}
	}
	if local.IsValid() {
		address = local
	}
	index := binary.NativeEndian.Uint32(header[4:])
	if other, taken := i.having[address]; taken && other != index {
		index = several
	}
	i.having[address] = index
}

// of returns the name of the interface that a subflow's packets leave by: the one
// that it is bound to, else where its route goes; without a route, the one that has
// its local address. It is "" when it is none of these.
func (i *interfaces) of(f *sockdiag.Subflow) string {
	index := f.Interface
	if index == 0 {
		index = i.leaving(f.Local.Addr(), f.Remote.Addr())
	}
	if index == several {
		index = i.having[f.Local.Addr()]
	}
	return i.names[index]
}
