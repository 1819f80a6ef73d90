package mptcp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"syscall"
	"time"

	"allroads/mptcp"
)

// A server says hello over MPTCP, and both ends know that it was MPTCP.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	listener, err := mptcp.Listen(ctx, netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err) // Without MPTCP here, it says what to do.
	}
	defer listener.Close()
	served := make(chan mptcp.Status, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "hello")
		status, _ := conn.Status()
		served <- status
	}()

	conn, err := new(mptcp.Dialer).Dial(ctx, listener.AddrPort())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	text, err := io.ReadAll(conn)
	fmt.Println(string(text), err)
	status, err := conn.Status()
	fmt.Println("client:", status, err)
	fmt.Println("server:", <-served)
	// Output:
	// hello <nil>
	// client: mptcp <nil>
	// server: mptcp
}

// serve accepts connections until the listener is closed, and keeps them open as long.
func serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
	}
}

// listenHere listens on loopback, with MPTCP or without.
func listenHere(multipath bool) (net.Listener, netip.AddrPort) {
	var config net.ListenConfig
	config.SetMultipathTCP(multipath)
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go serve(listener)
	return listener, listener.Addr().(*net.TCPAddr).AddrPort()
}

// A server without MPTCP is an error, unless TCP will do.
func ExampleDialer_allowTCP() {
	listener, at := listenHere(false)
	defer listener.Close()
	ctx := context.Background()

	_, err := new(mptcp.Dialer).Dial(ctx, at)
	fmt.Println(errors.Is(err, mptcp.ErrNotMPTCP))

	conn, err := (&mptcp.Dialer{AllowTCP: true}).Dial(ctx, at)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	status, err := conn.Status() // status.Cause is why, where that can be known.
	fmt.Println(status.Kind, err)
	// Output:
	// true
	// fell back to tcp <nil>
}

// The handshake is raced over two interfaces, of which one has gone.
func ExampleDialer_race() {
	listener, at := listenHere(true)
	defer listener.Close()

	dialer := mptcp.Dialer{
		Timeout: 10 * time.Second,
		Race:    []mptcp.Source{{Interface: "wlan99"}, {Interface: "lo", Addr: netip.MustParseAddr("127.0.0.2")}},
	}
	conn, err := dialer.Dial(context.Background(), at)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	fmt.Println(conn.LocalAddr().(*net.TCPAddr).IP)
	// Output: 127.0.0.2
}

// Dial waits for a second subflow; nobody makes one here.
func ExampleDialer_subflows() {
	listener, at := listenHere(true)
	defer listener.Close()

	dialer := mptcp.Dialer{Subflows: 9, SubflowTimeout: 20 * time.Millisecond}
	_, err := dialer.Dial(context.Background(), at)
	var short *mptcp.SubflowsError
	if errors.As(err, &short) {
		fmt.Println("want", short.Want, "subflows, because of", short.Err)
	}
	// Output: want 9 subflows, because of context deadline exceeded
}

// A connection that package net has made is read as well as one of Dialer.
func ExampleReadSubflows() {
	listener, at := listenHere(true)
	defer listener.Close()
	var dialer net.Dialer
	dialer.SetMultipathTCP(true)
	conn, err := dialer.Dial("tcp", at.String())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	subflows, err := mptcp.ReadSubflows(conn.(syscall.Conn))
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range subflows {
		fmt.Println(s.Local.Addr(), s.Remote.Addr(), s.State, s.BytesRetransmitted)
	}
	// Output: 127.0.0.1 127.0.0.1 ESTABLISHED 0
}

// What does a program set that MPTCP refuses?
func ExampleCompatible() {
	for _, option := range [][2]int{
		{syscall.IPPROTO_TCP, syscall.TCP_NODELAY},
		{syscall.IPPROTO_TCP, 18}, // TCP_USER_TIMEOUT
		{syscall.SOL_SOCKET, syscall.SO_REUSEADDR},
		{syscall.SOL_SOCKET, 4711},
	} {
		c := mptcp.Compatible(option[0], option[1])
		if !c.Known() {
			fmt.Println("option", c.Option, "is not known")
			continue
		}
		fmt.Printf("%s: set %s, when connected %s, get %s\n", c.Name, c.Set, c.SetConnected, c.Get)
	}
	// Output:
	// TCP_NODELAY: set same as tcp, when connected same as tcp, get same as tcp
	// TCP_USER_TIMEOUT: set ENOPROTOOPT, when connected ENOPROTOOPT, get EOPNOTSUPP
	// SO_REUSEADDR: set same as tcp, when connected EINVAL, get same as tcp
	// option 4711 is not known
}
