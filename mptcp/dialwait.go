package mptcp

import (
	"context"
	"fmt"
	"net"
	"time"
)

// awaitSubflows waits for the subflows. A pure ACK is not answered, so without data
// the kernel would not learn that the peer has accepted its handshake; a keep-alive
// probe is answered.
func (d *Dialer) awaitSubflows(ctx context.Context, conn *Conn) error {
	status, err := conn.Status()
	if err != nil || status.Kind != KindMPTCP {
		return err
	}
	if d.SubflowTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.SubflowTimeout)
		defer cancel()
	}
	if err := conn.SetKeepAliveConfig(probing); err != nil {
		return fmt.Errorf("have the peer probed: %w", err)
	}
	if err := conn.WaitSubflows(ctx, d.Subflows); err != nil {
		return err
	}
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true}) // Package net's default.
}

// probing is as often as the kernel can.
var probing = net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: -1}
