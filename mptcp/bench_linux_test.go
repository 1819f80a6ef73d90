package mptcp

import (
	"context"
	"net"
	"testing"
)

func BenchmarkReadInfo(b *testing.B) {
	client, _ := connectAt(b, loopback4)
	for b.Loop() {
		if _, err := client.Info(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadSubflows(b *testing.B) {
	client, _ := connectAt(b, loopback4)
	for name, read := range map[string]func(fd int) ([]Subflow, error){"full": readFull, "joined": readJoined} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := control(client, read); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDial sets Dialer against package net's, which does the same but may
// take TCP instead.
func BenchmarkDial(b *testing.B) {
	ns := newNamespace(b)
	l := listenIn(b, ns)
	go closeAll(l)
	var peer net.Dialer
	peer.SetMultipathTCP(true)
	for name, dial := range map[string]func() (net.Conn, error){
		"ours": func() (net.Conn, error) { return new(Dialer).Dial(context.Background(), l.AddrPort()) },
		"net":  func() (net.Conn, error) { return peer.Dial("tcp", l.Addr().String()) },
	} {
		b.Run(name, func(b *testing.B) { benchmarkDial(b, ns.Do, dial) })
	}
}

func benchmarkDial(b *testing.B, inside func(func() error) error, dial func() (net.Conn, error)) {
	if err := inside(func() error {
		for b.Loop() {
			conn, err := dial()
			if err != nil {
				return err
			}
			conn.Close()
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}
