package sockdiag_test

import (
	"context"
	"fmt"
	"net/netip"

	"allroads/mptcp"
	"allroads/sockdiag"
)

// Both ends of a connection are here, each with a token of its own.
func ExampleConn_Connections() {
	ctx := context.Background()
	listener, err := mptcp.Listen(ctx, netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	client, err := new(mptcp.Dialer).Dial(ctx, listener.AddrPort())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	conn, err := sockdiag.Dial(ctx, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	for c, err := range conn.Connections(ctx, sockdiag.Filter{Port: listener.AddrPort().Port()}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s, %d of %d subflows established\n", c.State, c.Established(), len(c.Subflows))
	}
	// Output:
	// ESTABLISHED, 1 of 1 subflows established
	// ESTABLISHED, 1 of 1 subflows established
}

// Connections that wait for their second path.
func ExampleFilter() {
	ctx := context.Background()
	conn, err := sockdiag.Dial(ctx, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	open := sockdiag.Filter{States: []mptcp.TCPState{mptcp.StateEstablished}}
	for c, err := range conn.Connections(ctx, open) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if c.Established() < len(c.Subflows) {
			fmt.Printf("%08x: %d of %d subflows established\n", c.Info.Token, c.Established(), len(c.Subflows))
		}
	}
}
