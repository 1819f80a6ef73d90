package rtnl

import (
	"encoding/binary"
	"errors"
	"fmt"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Values of the kernel's headers that x/sys does not name.
const (
	tcHRoot  = 0xffffffff // TC_H_ROOT of linux/pkt_sched.h
	loopback = 1          // LOOPBACK_IFINDEX: the index of lo in every namespace

	// probeHandle is that of no queueing discipline there is. The kernel's own
	// begin with 8000, and people's are small.
	probeHandle = 0x7a7a0000
)

// DelQdisc takes away the root queueing discipline of an interface, and what
// waits in it; the kernel's default comes back. That there is no other than the
// default is no error.
func (c *Conn) DelQdisc(name string) error {
	index, err := c.LinkIndex(name)
	if err == nil {
		err = c.executeTC(unix.RTM_DELQDISC, 0, tcHeader(index, 0))
	}
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("delete queueing discipline of %s: %w", name, nl.Kernel(err))
	}
	return nil
}

// HasQdisc tells whether the kernel has a kind of queueing discipline, such as
// "netem"; the kernel loads its module if it can. Nothing is left behind.
//
// The request is to make the discipline the root of lo, with a size table that
// lacks its base. The kernel looks up the kind first (ENOENT) and hangs the
// discipline into the interface last; what is between the two refuses the table
// (EINVAL). See qdisc_create and qdisc_get_stab in net/sched/sch_api.c. A kernel
// without traffic control (CONFIG_NET_SCHED) says EOPNOTSUPP. It takes
// CAP_NET_ADMIN.
func (c *Conn) HasQdisc(kind string) (bool, error) {
	err := c.probeQdisc(kind, func(attributes *netlink.AttributeEncoder) {
		attributes.Bytes(unix.TCA_STAB, nil)
	})
	switch {
	case errors.Is(err, unix.EINVAL):
		return true, nil
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EOPNOTSUPP):
		return false, nil
	}
	return false, fmt.Errorf("look for queueing discipline %s: %w", kind, nl.Kernel(err))
}

// probeQdisc asks for a new root queueing discipline of lo, in a way that the
// kernel has to refuse. The handle makes it a new one even where lo has one of
// the kind; should that have the handle too, netlink.Excl keeps it as it is.
func (c *Conn) probeQdisc(kind string, bad func(*netlink.AttributeEncoder)) error {
	return c.newQdisc(netlink.Excl, tcHeader(loopback, probeHandle), kind, bad)
}

// setQdisc makes or changes the root queueing discipline of an interface.
func (c *Conn) setQdisc(index int, kind string, options func(*netlink.AttributeEncoder)) error {
	return c.newQdisc(0, tcHeader(index, 0), kind, options)
}

func (c *Conn) newQdisc(flags netlink.HeaderFlags, header []byte, kind string, fill func(*netlink.AttributeEncoder)) error {
	attributes := netlink.NewAttributeEncoder()
	attributes.String(unix.TCA_KIND, kind)
	fill(attributes)
	encoded, err := attributes.Encode()
	if err != nil {
		return err
	}
	return c.executeTC(unix.RTM_NEWQDISC, netlink.Create|netlink.Replace|flags, append(header, encoded...))
}

func (c *Conn) executeTC(change uint16, flags netlink.HeaderFlags, data []byte) error {
	_, err := c.route.Execute(tcMessage{data: data}, change, netlink.Request|netlink.Acknowledge|flags)
	return err
}

// tcMessage is a request about traffic control. The library knows none, but
// sends whatever embeds its interface.
type tcMessage struct {
	rtnetlink.Message
	data []byte
}

func (m tcMessage) MarshalBinary() ([]byte, error) { return m.data, nil }

// tcHeader is struct tcmsg for the root queueing discipline of an interface. The
// kernel chooses a handle for a new one in place of 0.
func tcHeader(index int, handle uint32) []byte {
	return appendUint32([]byte{unix.AF_UNSPEC, 0, 0, 0}, uint32(index), handle, tcHRoot, 0)
}

func appendUint32(b []byte, values ...uint32) []byte {
	for _, value := range values {
		b = binary.NativeEndian.AppendUint32(b, value)
	}
	return b
}
