package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"allroads/internal/netcat"
	"allroads/mptcp"
)

// ncCall is what a command line of nc asks for.
type ncCall struct {
	flags   *ncFlags
	client  netcat.Client
	server  netcat.Server
	options netcat.Options
}

func (n *ncFlags) parse(changed func(string) bool, args []string) (*ncCall, error) {
	host, port, err := n.place(changed, args)
	if err == nil {
		err = n.check(changed)
	}
	if err != nil {
		return nil, err
	}
	call := &ncCall{flags: n}
	number, err := lookupPort(port)
	if err != nil {
		return nil, err
	}
	if number == 0 && !n.listen {
		return nil, errors.New("port 0: nobody listens there")
	}
	if call.options, err = n.options(changed); err != nil {
		return nil, err
	}
	if n.listen {
		call.server = n.server(host, number)
		return call, nil
	}
	call.client, err = n.client(host, number)
	return call, err
}

func (n *ncFlags) family() netcat.Family {
	switch {
	case n.v4:
		return netcat.IPv4
	case n.v6:
		return netcat.IPv6
	}
	return netcat.AnyFamily
}

func (n *ncFlags) server(host string, port uint16) netcat.Server {
	return netcat.Server{
		Host: host, Port: port, Family: n.family(), Numeric: n.numeric,
		KeepAlive: n.keepAliveConfig(), KeepOpen: n.keepOpen, Max: n.max,
	}
}

func (n *ncFlags) client(host string, port uint16) (c netcat.Client, err error) {
	c = netcat.Client{Host: host, Port: port, Family: n.family(), Numeric: n.numeric}
	c.Dialer = mptcp.Dialer{Timeout: n.wait.Duration, AllowTCP: !n.requireMPTCP, KeepAlive: n.keepAliveConfig()}
	if n.source != "" {
		if c.From, err = netip.ParseAddr(n.source); err != nil {
			return c, fmt.Errorf("-s %q: not an address", n.source)
		}
	}
	if n.sourcePort != "" {
		if c.FromPort, err = lookupPort(n.sourcePort); err != nil {
			return c, fmt.Errorf("-p %w", err)
		}
	}
	for _, from := range n.race {
		if address, err := netip.ParseAddr(from); err == nil {
			c.Dialer.Race = append(c.Dialer.Race, mptcp.Source{Addr: address})
		} else {
			c.Dialer.Race = append(c.Dialer.Race, mptcp.Source{Interface: from})
		}
	}
	return c, nil
}

// unanswered is how many questions a silent peer may leave unanswered.
const unanswered = 3

func (n *ncFlags) keepAliveConfig() net.KeepAliveConfig {
	every := n.keepAlive.Duration
	if every == 0 {
		return net.KeepAliveConfig{}
	}
	return net.KeepAliveConfig{Enable: true, Idle: every, Interval: every, Count: unanswered}
}

func (n *ncFlags) options(changed func(string) bool) (o netcat.Options, err error) {
	o = netcat.Options{
		Input: os.Stdin, Output: os.Stdout, Interactive: isTerminal(os.Stdin),
		Idle: n.idle.Duration, NoPath: n.keepAlive.Duration, CRLF: n.crlf,
		NoShutdown: n.noShutdown, SendOnly: n.sendOnly, RecvOnly: n.recvOnly,
		RequireMPTCP: n.requireMPTCP, Subflows: n.subflows, SubflowsTimeout: n.wait.Duration,
	}
	if changed("quit") {
		o.Quit = &n.quit.Duration
	}
	if n.verbose {
		o.Observer = (&ncView{out: newScreen(os.Stderr), several: n.keepOpen}).observer()
	}
	switch {
	case changed("sh-exec"):
		o.Program = netcat.Shell(n.shell)
	case changed("exec"):
		o.Program, err = programOf(n.program)
	}
	return o, err
}

func programOf(text string) (*netcat.Program, error) {
	args := strings.Fields(text)
	if len(args) == 0 || strings.ContainsAny(text, `"'\`) {
		return nil, fmt.Errorf("-e %q: not a program with plain arguments: -c takes what a shell does", text)
	}
	return &netcat.Program{Args: args}, nil
}

func (c *ncCall) run(ctx context.Context) error {
	if c.options.Program != nil {
		if _, err := exec.LookPath(c.options.Program.Args[0]); err != nil {
			return fmt.Errorf("start %w", err)
		}
	}
	// Else the runtime ends this process when nobody reads the output, and the
	// peer goes on sending.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if err := c.openFiles(); err != nil {
		return err
	}
	switch {
	case c.flags.listen:
		return c.server.Run(ctx, &c.options)
	case c.flags.zero:
		return c.client.Check(ctx, &c.options)
	}
	return c.client.Run(ctx, &c.options)
}

// openFiles opens the files of -o and -x, which stay open until the program ends.
func (c *ncCall) openFiles() (err error) {
	how := os.O_TRUNC
	if c.flags.appendOutput {
		how = os.O_APPEND
	}
	if name := c.flags.output; name != "" {
		if c.options.Raw, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o666); err != nil {
			return fmt.Errorf("write what is sent and received: %w", err)
		}
	}
	if name := c.flags.hex; name != "" {
		if c.options.Hex, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o666); err != nil {
			return fmt.Errorf("write what is sent and received: %w", err)
		}
	}
	return nil
}
