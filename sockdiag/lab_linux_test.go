package sockdiag_test

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"allroads/lab"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// paths is two hosts with two links, of which the client's second address gets a
// subflow. RED and BLUE stand for what the links are like, SYSCTLS for the hosts'
// settings, FLAGS for those of the endpoint.
const paths = `
name: paths
hosts:
  - name: client
    sysctls: {net.ipv4.conf.all.rp_filter: 0 SYSCTLS}
    mptcp:
      limits: {subflows: 2, add_addr_accepted: 0}
      endpoints: [{address: 10.2.0.2, dev: blue, id: 7, flags: [FLAGS]}]
  - name: server
    sysctls: {net.ipv4.conf.all.rp_filter: 0 SYSCTLS}
    mptcp: {limits: {subflows: 2, add_addr_accepted: 0}}
links:
  - name: red
    ends:
      - {host: client, addresses: [10.1.0.2/24]}
      - {host: server, addresses: [10.1.0.1/24]}
RED
  - name: blue
    ends:
      - {host: client, addresses: [10.2.0.2/24]}
      - {host: server, addresses: [10.2.0.1/24]}
BLUE
`

// startPaths builds paths, with words for its gaps in pairs.
func startPaths(t *testing.T, words ...string) *lab.Lab {
	t.Helper()
	words = append(words, "RED", "", "BLUE", "", "SYSCTLS", "", "FLAGS", "subflow")
	text := strings.NewReplacer(words...).Replace(paths)
	return lab.Start(t, func() (*lab.Topology, error) { return lab.Parse("paths.yaml", []byte(text)) })
}

// labPair is both ends of a connection in a lab, over red.
type labPair struct {
	t                        testing.TB
	lab                      *lab.Lab
	client, server, listener int
	atClient, atServer       *sockdiag.Conn
}

func connectLab(t *testing.T, l *lab.Lab) *labPair {
	t.Helper()
	p := &labPair{t: t, lab: l, client: -1, server: -1}
	to := netip.MustParseAddrPort("10.1.0.1:4321")
	p.in("server", func() (err error) {
		if p.listener, err = socket(to.Addr()); err == nil {
			t.Cleanup(func() { unix.Close(p.listener) })
			err = errors.Join(unix.Bind(p.listener, sockaddr(to)), unix.Listen(p.listener, 8))
		}
		return err
	})
	p.client, p.server = p.connect(to)
	p.atClient, p.atServer = p.dial("client"), p.dial("server")
	return p
}

func (p *labPair) connect(to netip.AddrPort) (client, server int) {
	p.t.Helper()
	p.in("client", func() (err error) {
		if client, err = socket(to.Addr()); err == nil {
			p.t.Cleanup(func() { unix.Close(client) })
			err = unix.Connect(client, sockaddr(to))
		}
		return err
	})
	server, _, err := unix.Accept(p.listener)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { unix.Close(server) })
	return client, server
}

func (p *labPair) in(host string, fn func() error) {
	p.t.Helper()
	if err := p.lab.Host(host).Run(fn); err != nil {
		p.t.Fatal(err)
	}
}

func (p *labPair) dial(host string) (c *sockdiag.Conn) {
	p.t.Helper()
	p.in(host, func() (err error) {
		c, err = sockdiag.Dial(p.t.Context(), 0)
		return err
	})
	p.t.Cleanup(func() { c.Close() })
	return c
}

// say sends words from a file descriptor to another.
func (p *labPair) say(from, to int, words string) {
	p.t.Helper()
	limit := unix.NsecToTimeval((10 * time.Second).Nanoseconds())
	err := unix.SetsockoptTimeval(to, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit)
	if err == nil {
		_, err = unix.Write(from, []byte(words))
	}
	for b := make([]byte, len(words)); len(b) > 0 && err == nil; {
		n := 0
		n, err = unix.Read(to, b)
		if n == 0 && err == nil {
			err = os.ErrClosed
		}
		if err == unix.EINTR { // As a read with a time-out may end in a Go program.
			err = nil
		}
		b = b[max(n, 0):]
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// greet sends a byte each way.
func (p *labPair) greet() {
	p.t.Helper()
	p.say(p.client, p.server, "1")
	p.say(p.server, p.client, "2")
}

// output is what a program prints in a host.
func (p *labPair) output(host, program string, args ...string) string {
	p.t.Helper()
	out, err := p.lab.Host(host).Command(program, args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s: %v: %s", program, err, out)
	}
	return string(out)
}

// pour sends from the client as much as goes, until it is stopped.
func (p *labPair) pour() (stop func()) {
	done := make(chan struct{}, 2)
	end := func() { done <- struct{}{} }
	go func() {
		defer end()
		for b := make([]byte, 1<<16); ; {
			if n, err := unix.Read(p.server, b); n == 0 || err != nil && err != unix.EINTR {
				return
			}
		}
	}()
	go func() {
		defer end()
		for b := make([]byte, 1<<14); ; {
			if _, err := unix.Write(p.client, b); err != nil && err != unix.EINTR {
				return
			}
		}
	}()
	return func() {
		_ = unix.Shutdown(p.server, unix.SHUT_RDWR)
		_ = unix.Shutdown(p.client, unix.SHUT_RDWR)
		<-done
		<-done
	}
}
