package netcat

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"allroads/mptcp"
)

// account keeps what subflows carried, since the kernel forgets those that are
// closed.
type account struct {
	session *session
	detail  bool // whether anybody wants to know of subflows

	mu     sync.Mutex
	at     time.Time // of the last look
	state  State
	shares []Share
}

func newAccount(s *session) *account {
	return &account{session: s, detail: s.Observer.Ended != nil || s.Observer.Connected != nil}
}

// look reads what the connection is, and what its subflows have carried.
func (a *account) look() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refresh()
}

func (a *account) refresh() State {
	conn := a.session.conn
	a.at = time.Now()
	a.state.Local, a.state.Remote = addrPort(conn.LocalAddr()), a.session.peer
	status, err := conn.Status()
	if err != nil {
		status = mptcp.Status{Kind: mptcp.KindUnknown}
	}
	a.state.Status = status
	if !a.detail {
		return a.state
	}
	var subflows []mptcp.Subflow // none, as far as anybody knows
	if status.Kind == mptcp.KindMPTCP {
		subflows, _ = conn.Subflows()
	}
	a.enter(subflows)
	return a.state
}

func (a *account) enter(subflows []mptcp.Subflow) {
	a.state.Established = 0
	for i := range a.shares {
		a.shares[i].AtLeast = true
	}
	for _, f := range subflows {
		if f.Remote.Port() == 0 {
			continue // All is over, and only the socket is left.
		}
		if f.State == mptcp.StateEstablished {
			a.state.Established++
		}
		now := Share{Local: f.Local, Remote: f.Remote, Sent: f.BytesSent - f.BytesRetransmitted, Received: withoutFIN(f)}
		i := slices.IndexFunc(a.shares, func(s Share) bool { return s.Local == f.Local && s.Remote == f.Remote })
		if i >= 0 {
			a.shares[i] = now
		} else {
			a.shares = append(a.shares, now)
		}
	}
}

// withoutFIN is what a subflow has received: the kernel counts the end as a byte.
func withoutFIN(f mptcp.Subflow) uint64 {
	switch f.State {
	case mptcp.StateCloseWait, mptcp.StateLastAck, mptcp.StateClosing, mptcp.StateTimeWait, mptcp.StateClose:
		return f.BytesReceived - min(f.BytesReceived, 1)
	}
	return f.BytesReceived
}

// Pauses between looks: of a copy that is busy, and of follow.
const (
	busyPause   = 10 * time.Millisecond
	followPause = 20 * time.Millisecond
)

// lookSoon looks if that is worth it: subflows are closed as soon as both ends
// have said all.
func (a *account) lookSoon() {
	if !a.detail || !a.mu.TryLock() {
		return
	}
	defer a.mu.Unlock()
	if time.Since(a.at) >= busyPause {
		a.refresh()
	}
}

// follow looks, and tells the observer of changes, until it is stopped.
func (a *account) follow() (stop func()) {
	ticker, done, ended := time.NewTicker(followPause), make(chan struct{}), make(chan struct{})
	a.mu.Lock()
	told := a.state
	a.mu.Unlock()
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			if now := a.look(); now != told && (now.Established > 0 || now.Status.Kind != mptcp.KindMPTCP) {
				told = now
				a.changed(now)
			}
		}
	}()
	return func() { ticker.Stop(); close(done); <-ended }
}

// settleAtMost is how long what is queued may take to be sent, to be counted.
const settleAtMost = time.Second

// settle looks for the last time, when all is sent if that does not take long.
func (a *account) settle(ctx context.Context) State {
	if !a.detail {
		return a.look()
	}
	for began := time.Now(); queued(a.session.conn) > 0 && time.Since(began) < settleAtMost && ctx.Err() == nil; {
		a.look()
		time.Sleep(time.Millisecond)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh()
	for i := range a.shares {
		a.shares[i].AtLeast = a.shares[i].AtLeast || queued(a.session.conn) > 0
	}
	return a.state
}

func (a *account) changed(now State) {
	if tell := a.session.Observer.Changed; tell != nil {
		tell(now)
	}
}

func (a *account) all() []Share {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.shares)
}

func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
