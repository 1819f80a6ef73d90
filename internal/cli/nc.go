package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"allroads/internal/netcat"

	"github.com/spf13/cobra"
)

type ncFlags struct {
	listen, keepOpen   bool
	max                int
	shell, program     string
	crlf               bool
	output, hex        string
	appendOutput       bool
	verbose            bool
	v4, v6             bool
	source             string
	sourcePort         string
	numeric, zero      bool
	wait, idle, quit   seconds
	keepAlive          seconds
	noShutdown         bool
	sendOnly, recvOnly bool
	requireMPTCP       bool
	race               []string
	subflows           int
}

// connectPatience is how long an address may take to answer, as ncat has it.
const connectPatience = 10 * time.Second

func newNC() *cobra.Command {
	flags := &ncFlags{wait: seconds{Duration: connectPatience}}
	command := &cobra.Command{
		Use:   "nc HOST PORT | nc -l [HOST] PORT",
		Short: "send and receive over Multipath TCP, as ncat does over TCP",
		Long: `nc connects standard input and output to a TCP port, or to whoever connects
to one with -l, over Multipath TCP where the other end can, else over TCP. -v
tells which it became, and what each subflow carried.

When standard input ends, the other end is told (half-close), and nc goes on
receiving; when the other end has ended first, nc goes on sending, unless a
person types. That standard input is empty is told after a second only: a
connection that is half closed gets no further subflows. With -l -k, standard
input goes to all who are connected, at the pace of the slowest, and is not read
while nobody is; what they send is mixed.

A command of -c or -e has the connection as its standard input and output, and
ALLROADS_REMOTE_ADDR, ALLROADS_REMOTE_PORT, ALLROADS_LOCAL_ADDR,
ALLROADS_LOCAL_PORT and ALLROADS_PROTO (mptcp or tcp) in its environment. The
connection ends when it does. When nc ends first, it ends the command.

A TIME is in seconds ("5", "0.5") or has a unit ("500ms", "2m").

Exit code: 0 done, 1 no connection, or it failed or is not what was asked for,
2 usage, 3 the system cannot do it.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			call, err := flags.parse(c.Flags().Changed, args)
			if err != nil {
				return &usageError{err, "allroads nc"}
			}
			return ncResult(c.Context(), call.run(c.Context()))
		},
	}
	flags.define(command)
	return command
}

func (n *ncFlags) define(command *cobra.Command) {
	f := command.Flags()
	f.SortFlags = false
	f.BoolVarP(&n.listen, "listen", "l", false, "wait for a connection; port 0: any that is free")
	f.BoolVarP(&n.keepOpen, "keep-open", "k", false, "with -l: take many connections, until interrupted")
	f.IntVarP(&n.max, "max-conns", "m", 0, "with -k: refuse more than `N` connections at a time")
	f.StringVarP(&n.shell, "sh-exec", "c", "", "run `COMMAND` with /bin/sh for each connection")
	f.StringVarP(&n.program, "exec", "e", "", "run `PROGRAM`, with arguments behind spaces, for each")
	f.BoolVarP(&n.verbose, "verbose", "v", false, "tell what became of the connection, and what each\nsubflow carried")
	f.BoolVar(&n.requireMPTCP, "require-mptcp", false, "exit with 1 if it is not MPTCP, or no longer")
	f.IntVar(&n.subflows, "subflows", 0, "send no more than 1 kB before `N` subflows are\nestablished, and wait for them as long as -w says")
	f.StringSliceVar(&n.race, "race", nil, "try to connect from several local addresses and\ninterfaces, `FROM,...`; the first to succeed is taken")
	f.BoolVarP(&n.v4, "ipv4", "4", false, "IPv4 only")
	f.BoolVarP(&n.v6, "ipv6", "6", false, "IPv6 only")
	f.StringVarP(&n.source, "source", "s", "", "connect from `ADDRESS`")
	f.StringVarP(&n.sourcePort, "source-port", "p", "", "connect from `PORT`; with -l: listen on it")
	f.BoolVarP(&n.numeric, "nodns", "n", false, "resolve no names of hosts")
	f.BoolVarP(&n.zero, "zero", "z", false, "connect, and do no more")
	f.VarP(&n.wait, "wait", "w", "give an address `TIME` to answer, 0: as long as the\nkernel tries (default 10)")
	f.VarP(&n.idle, "idle-timeout", "i", "end with exit code 1 when nothing was sent or\nreceived for `TIME`")
	f.VarP(&n.quit, "quit", "q", "end `TIME` after standard input, or when the other end\nhas all of it")
	f.Var(&n.keepAlive, "keepalive", "ask a silent peer every `TIME`; end without an answer\nto three")
	f.BoolVarP(&n.crlf, "crlf", "C", false, "end the lines that are sent with CR LF")
	f.StringVarP(&n.output, "output", "o", "", "write what is sent and received to `FILE`, too")
	f.StringVarP(&n.hex, "hex-dump", "x", "", "write it to `FILE` in hexadecimal, > sent, < received")
	f.BoolVar(&n.appendOutput, "append-output", false, "append to the files of -o and -x")
	f.BoolVar(&n.noShutdown, "no-shutdown", false, "do not tell the other end when standard input ends")
	f.BoolVar(&n.sendOnly, "send-only", false, "discard what is received; end with standard input")
	f.BoolVar(&n.recvOnly, "recv-only", false, "do not read standard input; end with the other end")
}

// ncResult says what went wrong with the exit code that it has.
func ncResult(ctx context.Context, err error) error {
	var peer *netcat.PeerError
	switch {
	case errors.Is(err, netcat.ErrNoReader):
		return status(128 + int(syscall.SIGPIPE)) // Without a word, as cat.
	case errors.Is(err, netcat.ErrNotNumeric):
		return &usageError{fmt.Errorf("-n: %w", err), "allroads nc"}
	case errors.As(err, &peer) && ctx.Err() == nil:
		fmt.Fprintln(os.Stderr, "allroads: "+oneLine(err))
		return status(exitNo)
	}
	return err
}
