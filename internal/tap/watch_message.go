package tap

import (
	"encoding/binary"

	"allroads/internal/nl"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// take follows a message: struct ifinfomsg, then attributes.
func (w *watch) take(m netlink.Message) {
	if len(m.Data) < unix.SizeofIfInfomsg || m.Data[0] != unix.AF_UNSPEC {
		return // A bridge tells of its ports in the same group.
	}
	index := int(int32(binary.NativeEndian.Uint32(m.Data[4:])))
	switch m.Header.Type {
	case unix.RTM_DELLINK:
		w.lose(index)
	case unix.RTM_NEWLINK:
		const running = unix.IFF_UP | unix.IFF_RUNNING
		flags := binary.NativeEndian.Uint32(m.Data[8:])
		kind := binary.NativeEndian.Uint16(m.Data[2:])
		name := unix.ByteSliceToString(nl.Attributes(m.Data[unix.SizeofIfInfomsg:]).Find(unix.IFLA_IFNAME))
		w.see(index, name, flags&running == running, kind == unix.ARPHRD_ETHER || kind == unix.ARPHRD_LOOPBACK)
	}
}

func (w *watch) see(index int, name string, up, ethernet bool) {
	l := w.links[index]
	switch {
	case l == nil && !w.any, l != nil && (l.out || l.up == up):
		return
	case l == nil && ethernet:
		w.links[index] = &link{name: name, up: up}
		w.notice(Notice{name, Come})
		return
	case l == nil:
		w.links[index] = &link{name: name, out: true}
		w.notice(Notice{name, LeftOut})
		return
	}
	l.up = up
	if up {
		w.notice(Notice{l.name, Up})
	} else {
		w.notice(Notice{l.name, Down})
	}
}

func (w *watch) lose(index int) {
	if l := w.links[index]; l != nil {
		delete(w.links, index)
		w.notice(Notice{l.name, Gone})
	}
}
