package mptcp_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"time"

	"allroads/mptcp"
)

func ExampleDialer_Dial() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := new(mptcp.Dialer).Dial(ctx, netip.MustParseAddrPort("192.0.2.1:443"))
	if errors.Is(err, mptcp.ErrNotSupported) {
		log.Fatal(err) // It says what to do.
	}
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	if is, err := mptcp.IsMPTCP(conn); err != nil || !is {
		log.Fatalf("the server does plain tcp (%v)", err)
	}
	if err := conn.WaitSubflows(ctx, 2); err != nil {
		log.Fatal(err)
	}
}

func ExampleListen() {
	listener, err := mptcp.Listen(context.Background(), netip.MustParseAddrPort("[::]:8080"))
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	conn, err := listener.Accept()
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	subflows, err := conn.Subflows()
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range subflows {
		fmt.Println(s.Local, s.Remote, s.State, s.RTT)
	}
}
