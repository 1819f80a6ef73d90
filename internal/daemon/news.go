package daemon

import (
	"context"
	"errors"
	"sync"
	"time"

	"allroads/internal/rtnl"
)

// news is the latest picture of the network, for a worker that takes it when it can.
type news struct {
	wake chan struct{}

	mutex   sync.Mutex
	picture *rtnl.Picture // nil: taken already
	lost    lostNews
}

// lostNews tells that messages were lost, and everything was asked for anew.
type lostNews struct {
	times uint64
	since time.Time
	err   error // of the observer, where it ended
}

func newNews() *news { return &news{wake: make(chan struct{}, 1)} }

func (n *news) put(picture *rtnl.Picture, lost lostNews) {
	n.mutex.Lock()
	n.picture = picture
	if lost.times > 0 {
		if n.lost.times == 0 {
			n.lost.since = lost.since
		}
		n.lost.times += lost.times
		n.lost.err = lost.err
	}
	n.mutex.Unlock()
	wake(n.wake)
}

func (n *news) take() (*rtnl.Picture, lostNews) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	picture, lost := n.picture, n.lost
	n.picture, n.lost = nil, lostNews{}
	return picture, lost
}

// pause is between attempts to read from a socket that answers with errors.
const pause = time.Second

// observe takes changes of the network until the context ends.
func (n *news) observe(ctx context.Context, network network) {
	for ctx.Err() == nil {
		before := time.Now()
		lost, err := network.Next(ctx)
		if ctx.Err() != nil || errors.Is(err, rtnl.ErrClosed) {
			return
		}
		var what lostNews
		if lost || err != nil {
			what = lostNews{1, before, err}
		}
		n.put(network.Picture(), what)
		if err != nil {
			rest(ctx, pause)
		}
	}
}

// wake leaves a note in a channel with room for one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
