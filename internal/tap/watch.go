package tap

import (
	"errors"
	"fmt"
	"net"
	"slices"

	"allroads/internal/netns"
	"allroads/internal/nl"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// A watch follows the interfaces of a namespace by what rtnetlink tells of them
// (rtnetlink(7)). It begins to listen before the capture does, so that nothing is
// missed between.
type watch struct {
	conn   *netlink.Conn
	ns     *netns.NS
	any    bool
	notice func(Notice)
	none   func() // called when no interface is left
	links  map[int]*link
	done   chan struct{} // closed when run has ended; nil: it was not begun
}

// A link is an interface that is captured, or is left out.
type link struct {
	name string
	up   bool
	out  bool
}

func newWatch(o Options, none func()) (*watch, error) {
	fd := 0
	if o.Namespace != nil {
		fd = o.Namespace.Fd()
	}
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nl.Config(fd))
	if err != nil {
		return nil, fmt.Errorf("watch interfaces: open rtnetlink socket: %w", nl.Kernel(err))
	}
	if err := conn.JoinGroup(unix.RTNLGRP_LINK); err != nil {
		conn.Close()
		return nil, fmt.Errorf("watch interfaces: %w", nl.Kernel(err))
	}
	w := &watch{conn: conn, ns: o.Namespace, any: o.Interfaces == nil, notice: o.Notice, none: none, links: map[int]*link{}}
	if w.notice == nil {
		w.notice = func(Notice) {}
	}
	return w, nil
}

// begin looks at the interfaces that are captured, and follows them.
func (w *watch) begin(captured []string) error {
	now, err := w.list()
	if err != nil {
		return err
	}
	for _, name := range captured {
		at := slices.IndexFunc(now, func(i net.Interface) bool { return i.Name == name })
		if at < 0 {
			w.notice(Notice{name, Gone})
			continue
		}
		l := &link{name: name, up: isUp(now[at].Flags)}
		w.links[now[at].Index] = l
		if !l.up && !w.any {
			w.notice(Notice{name, Down})
		}
	}
	if w.any {
		w.leaveOut(now)
	}
	w.done = make(chan struct{})
	go w.run()
	return nil
}

// leaveOut tells of interfaces that the capture did not take.
func (w *watch) leaveOut(now []net.Interface) {
	for _, i := range now {
		if w.links[i.Index] == nil {
			w.links[i.Index] = &link{name: i.Name, out: true}
			w.notice(Notice{i.Name, LeftOut})
		}
	}
}

func isUp(f net.Flags) bool { return f&net.FlagUp != 0 && f&net.FlagRunning != 0 }

func (w *watch) list() (now []net.Interface, err error) {
	look := func() error {
		now, err = net.Interfaces()
		return err
	}
	if w.ns == nil {
		err = look()
	} else {
		err = w.ns.Do(look)
	}
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	return now, nil
}

func (w *watch) run() {
	defer close(w.done)
	for w.left() {
		messages, err := w.conn.Receive()
		switch {
		case errors.Is(err, unix.ENOBUFS):
			w.catchUp()
		case err != nil:
			return // It is closed.
		}
		for _, m := range messages {
			w.take(m)
		}
	}
	w.none()
}

func (w *watch) left() bool {
	for _, l := range w.links {
		if !l.out {
			return true
		}
	}
	return false
}

// catchUp finds out what the kernel had no room to tell. Those that came
// meanwhile are captured all the same.
func (w *watch) catchUp() {
	now, err := w.list()
	if err != nil {
		return // The next message may do.
	}
	for index := range w.links {
		at := slices.IndexFunc(now, func(i net.Interface) bool { return i.Index == index })
		if at < 0 {
			w.lose(index)
			continue
		}
		w.see(index, now[at].Name, isUp(now[at].Flags), true)
	}
}

func (w *watch) close() error {
	err := w.conn.Close()
	if w.done != nil {
		<-w.done
	}
	if err != nil {
		return fmt.Errorf("watch interfaces: %w", err)
	}
	return nil
}
