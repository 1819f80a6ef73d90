package rtnl

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"allroads/internal/nl"

	"github.com/mdlayher/genetlink"
	"golang.org/x/sys/unix"
)

// Observer knows what the network of a namespace looks like, and hears of each change.
// What is kept is links, addresses, rules, default routes and those of Protocol,
// whatever the number of other routes.
//
// Next is for one goroutine; all else may be called meanwhile from others.
type Observer struct {
	events   *socket
	requests *requests
	objects  *requests // about next hops, in the middle of a dump
	generic  *genetlink.Conn
	closed   atomic.Bool
	losses   atomic.Uint64

	state   *state    // what the messages say; Next's alone
	due     time.Time // when Next has to look again by itself, zero: not at all
	again   bool      // all has to be asked for again
	changed bool      // something since the Picture was drawn, maybe
	lost    bool      // messages, and Next has not said so yet

	mutex   sync.Mutex
	picture *Picture             // without the times that pass
	lives   map[addressKey]lived // of its addresses
}

// receiveBuffer is how many bytes of messages may wait in the kernel. They are some
// hundred each, but count with what the kernel takes for them, a kilobyte.
const receiveBuffer = 16 << 20

// groups are those whose messages are heard.
var groups = [...]uint32{
	unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV4_ROUTE,
	unix.RTNLGRP_IPV6_ROUTE, unix.RTNLGRP_IPV4_RULE, unix.RTNLGRP_IPV6_RULE, unix.RTNLGRP_NEXTHOP,
}

// Observe begins to observe the network namespace that the file descriptor netns
// refers to, 0 for the caller's own. The descriptor is not used after Observe. No
// rights are needed; with CAP_NET_ADMIN more messages may wait (SO_RCVBUFFORCE).
func Observe(netns int) (*Observer, error) {
	o, err := openObserver(netns, receiveBuffer)
	if err == nil {
		err = o.begin()
	}
	if err != nil {
		if o != nil {
			o.Close()
		}
		return nil, fmt.Errorf("observe the network: %w", err)
	}
	return o, nil
}

func openObserver(netns, buffer int) (o *Observer, err error) {
	o = &Observer{}
	if o.events, err = openSocket(netns); err != nil {
		return o, err
	}
	if err := o.join(buffer); err != nil {
		return o, fmt.Errorf("hear of changes: %w", nl.Kernel(err))
	}
	if o.requests, err = openRequests(netns); err != nil {
		return o, err
	}
	if o.objects, err = openRequests(netns); err != nil {
		return o, err
	}
	o.generic, err = nl.DialGeneric(netns)
	return o, err
}

// join comes before any dump, so that nothing is missed between.
func (o *Observer) join(buffer int) error {
	filter, err := routeFilter()
	if err == nil {
		_ = o.events.conn.SetBPF(filter) // Without it there is only more to read.
	}
	err = errors.Join(err, o.events.conn.SetReadBuffer(buffer))
	for _, group := range groups {
		joined := o.events.conn.JoinGroup(group)
		if group != unix.RTNLGRP_NEXTHOP { // Before Linux 5.3 there is none.
			err = errors.Join(err, joined)
		}
	}
	return err
}

func (o *Observer) begin() error {
	if err := o.resync(); err != nil {
		return err
	}
	o.publish()
	return nil
}

// Picture returns what is known now. It is the caller's own.
func (o *Observer) Picture() *Picture {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	now := time.Now()
	p := o.picture.clone()
	for i, a := range p.Addresses {
		if l, ok := o.lives[keyOf(a)]; ok {
			p.Addresses[i].Preferred, p.Addresses[i].Valid = left(l.preferred, now), left(l.valid, now)
		}
	}
	return p
}

// left is what is left until a time.
func left(end, now time.Time) time.Duration {
	if end.IsZero() {
		return forever
	}
	return max(end.Sub(now), 0)
}

// Losses is how often messages were lost since Observe, and all was asked for again.
func (o *Observer) Losses() uint64 { return o.losses.Load() }

// ErrClosed is what Next returns after Close.
var ErrClosed = errors.New("the observer is closed")

// Close ends it, and a Next that waits.
func (o *Observer) Close() error {
	if o.closed.Swap(true) {
		return nil
	}
	var err error
	if o.events != nil {
		err = o.events.close()
	}
	for _, r := range []*requests{o.requests, o.objects} {
		if r != nil {
			err = errors.Join(err, r.close())
		}
	}
	if o.generic != nil {
		err = errors.Join(err, o.generic.Close())
	}
	return err
}
