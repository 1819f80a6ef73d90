package demo

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"time"

	"allroads/lab"
	"allroads/mptcp"
)

// Transfer is what the client sent and the server received.
type Transfer struct {
	Sent      uint64 `json:"sent"`      // bytes
	Received  uint64 `json:"received"`  // bytes
	Identical bool   `json:"identical"` // the bytes received are those sent
}

const (
	greeting = "hello world!"

	// secondSubflowWait is how long the second subflow may take. The kernel
	// starts it at the first DATA_ACK, so that it takes a few round trips.
	secondSubflowWait = 5 * time.Second
)

// converse runs a server and a client until both have closed.
func converse(ctx context.Context, network *lab.Lab, target netip.AddrPort, o *Options, step func(string)) (*Transfer, error) {
	server, err := serve(ctx, network.Host(serverName), target)
	if err != nil {
		return nil, err
	}
	defer server.close()
	step(fmt.Sprintf("ip netns exec %s mptcpize run ncat -l 0.0.0.0 %d &", serverName, port))
	sent, err := send(ctx, network.Host(clientName), target, o, step)
	if err != nil {
		return nil, err
	}
	received, err := server.wait(ctx)
	if err != nil {
		return nil, err
	}
	return &Transfer{Sent: sent.n, Received: received.n, Identical: sent.sum() == received.sum()}, nil
}

// send is the client: it greets, waits for the second subflow, sends more, and
// closes. The kernel makes no subflow once either side has closed, so the
// connection has to stay open until then.
func send(ctx context.Context, host *lab.Host, target netip.AddrPort, o *Options, step func(string)) (*digest, error) {
	var conn *mptcp.Conn
	err := host.Run(func() (err error) {
		conn, err = new(mptcp.Dialer).Dial(ctx, target)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	more := fmt.Sprintf("yes 'all roads' | head -c %d", spreadMessage)
	if o.Bulk > 0 {
		more = fmt.Sprintf("timeout %gs cat /dev/zero", o.Bulk.Seconds())
	}
	step(fmt.Sprintf("(printf '%s'; sleep 1; %s) | ip netns exec %s mptcpize run ncat %s %d",
		greeting, more, clientName, target.Addr(), port))

	sender := &sender{conn: conn, sent: newDigest()}
	if err := sender.write([]byte(greeting)); err != nil {
		return nil, err
	}
	if err := awaitSubflow(ctx, conn, cmp.Or(o.test.wait, secondSubflowWait)); err != nil {
		return nil, err
	}
	if err := sender.flood(ctx, o.Bulk, o.Observer.Progress); err != nil {
		return nil, err
	}
	if err := sender.spread(ctx); err != nil {
		return nil, err
	}
	return sender.sent, sender.finish()
}

// awaitSubflow waits for a second subflow. That it does not come is no error
// here: the packets will say so.
func awaitSubflow(ctx context.Context, conn *mptcp.Conn, wait time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := conn.WaitSubflows(waiting, 2); err != nil && waiting.Err() == nil {
		return err
	}
	return ctx.Err()
}
