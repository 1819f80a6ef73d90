package cli

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"sync"

	"allroads/internal/bench"

	"github.com/spf13/cobra"
)

type benchServerFlags struct {
	port    uint16
	bind    string
	once    bool
	timeout seconds
}

func newBenchServer() *cobra.Command {
	flags := &benchServerFlags{timeout: seconds{bench.DefaultTimeout}}
	command := &cobra.Command{
		Use:   "server",
		Short: "let clients measure",
		Long: `server makes tests with clients, one at a time, until it is interrupted. A client
that comes during another's test is told that the server is busy (it can --wait).
Anybody who reaches the port can use it.

Exit code: 0 interrupted, or the test of --once came to its end; 1 it did not; 2
usage; 3 the system cannot do it.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := flags.parse()
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return flags.serve(c.Context(), at)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.Uint16VarP(&flags.port, "port", "p", bench.DefaultPort, "listen on `PORT`, 0: any that is free")
	f.StringVar(&flags.bind, "bind", "", "listen at `ADDRESS` only")
	f.BoolVar(&flags.once, "once", false, "end after a test")
	f.Var(&flags.timeout, "timeout", "end a test whose client is not heard for `TIME` (default 20)")
	return command
}

func (s *benchServerFlags) parse() (netip.AddrPort, error) {
	if s.timeout.Duration == 0 {
		return netip.AddrPort{}, fmt.Errorf("--timeout 0: not a time span above 0")
	}
	if s.bind == "" {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), s.port), nil
	}
	at, err := netip.ParseAddr(s.bind)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("--bind %q: not an address", s.bind)
	}
	return netip.AddrPortFrom(at, s.port), nil
}

func (s *benchServerFlags) serve(ctx context.Context, at netip.AddrPort) error {
	view := &benchServerView{out: newScreen(os.Stdout)}
	server := &bench.Server{Timeout: s.timeout.Duration, Once: s.once, Observer: view.observer()}
	if err := server.Listen(ctx, at); err != nil {
		return err
	}
	view.say("listening on %s\n", server.Addr())
	if err := server.Serve(ctx); err != nil {
		if s.once {
			return status(exitNo) // The view has said it.
		}
		return err
	}
	return view.out.failed()
}

// benchServerView tells what a server does, a line each.
type benchServerView struct {
	mu  sync.Mutex
	out *screen
}

func (v *benchServerView) say(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.out.printf(format, args...)
}

func (v *benchServerView) observer() bench.ServerObserver {
	return bench.ServerObserver{
		Began: func(s *bench.Session) {
			v.say("%s: %s\n", s.Client, testWords(&s.Params))
		},
		Ended: func(s *bench.Session, err error) {
			if err != nil {
				v.say("%s: broken off: %s\n", s.Client, oneLine(err))
				return
			}
			text := "done"
			if received, lasted := s.Received(); received > 0 {
				text += fmt.Sprintf(", received %s in %.1f s", bytesText(received), lasted.Seconds())
			}
			if sent := s.Sent(); sent > 0 {
				text += ", sent " + bytesText(sent)
			}
			v.say("%s: %s\n", s.Client, text)
		},
		Refused: func(from netip.AddrPort, err error) {
			v.say("%s: refused: %s\n", from, oneLine(err))
		},
	}
}

// testWords say what a test is.
func testWords(p *bench.Params) string {
	text := string(p.Direction)
	if p.Mode != bench.Throughput {
		text = string(p.Mode)
	}
	if p.Connections > 1 {
		text += fmt.Sprintf(", %d connections", p.Connections)
	}
	if p.Duration > 0 {
		text += fmt.Sprintf(", %v", p.Duration)
	}
	if p.Bytes > 0 {
		text += ", " + bytesText(p.Bytes)
	}
	return text
}
