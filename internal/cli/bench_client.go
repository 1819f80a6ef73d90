package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"allroads/internal/bench"
	"allroads/mptcp"

	"github.com/spf13/cobra"
)

type benchFlags struct {
	port              uint16
	time, interval    seconds
	timeout, wait     seconds
	pathTime          seconds
	bytes             string
	reverse, both     bool
	parallel          int
	latency, failover bool
	size              int
	rate              float64
	discard           bool
	bestPath          bool
	subflows          int
	requireMPTCP      bool
	source            string
	race              []string
	json, ndjson      bool
}

func newBenchClient() *cobra.Command {
	flags := &benchFlags{time: seconds{10 * time.Second}, interval: seconds{time.Second},
		timeout: seconds{bench.DefaultTimeout}, pathTime: seconds{3 * time.Second}}
	command := &cobra.Command{
		Use:   "client HOST",
		Short: "measure with a server",
		Long: `client sends as much as goes through to an allroads bench server, over Multipath
TCP, and tells what arrived: in all, and on each subflow, by both kernels' counts.
Goodput is payload delivered to the receiving program, by the receiver's clock, from
its first byte on. Lines while it runs are by the client's clock; those of an upload
count what the server's kernel has acknowledged.

At the end all that was carried is compared with one path: with the busiest subflow
of the test, which is not what that path can carry alone; or with --best-path, with
the best of the paths that the test used, each then measured alone, over plain TCP.

--latency sends requests and measures the time until the response, one after the
other; with --rate when they are due, and from then on, whatever became of those
before. --failover tells the longest time in which nothing arrived: cut a path
meanwhile, in a lab with "allroads lab set LAB LINK down".

A TIME is in seconds ("5", "0.5") or has a unit ("500ms", "2m").

Exit code: 0 measured; 1 not, not to the end, or not over what was asked for; 2
usage; 3 the system cannot do it.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			options, err := flags.parse(c.Flags().Changed, args)
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return runBench(c.Context(), flags, options)
		},
	}
	flags.define(command)
	return command
}

func (b *benchFlags) define(command *cobra.Command) {
	f := command.Flags()
	f.SortFlags = false
	f.Uint16VarP(&b.port, "port", "p", bench.DefaultPort, "the server's `PORT`")
	f.VarP(&b.time, "time", "t", "measure for `TIME` (default 10)")
	f.StringVar(&b.bytes, "bytes", "", "measure until `SIZE` has arrived (\"500MB\"), in each direction")
	f.BoolVarP(&b.reverse, "reverse", "R", false, "the server sends")
	f.BoolVar(&b.both, "both", false, "both send, at the same time")
	f.IntVarP(&b.parallel, "parallel", "P", 1, "use `N` connections")
	f.BoolVar(&b.latency, "latency", false, "measure the times of requests and responses")
	f.IntVar(&b.size, "size", 64, "with --latency: `BYTES` of a request, and of its response")
	f.Float64Var(&b.rate, "rate", 0, "with --latency: send `N` requests a second on each connection,\n0: one when the one before is answered")
	f.BoolVar(&b.failover, "failover", false, "tell the longest time in which nothing arrived")
	f.BoolVar(&b.bestPath, "best-path", false, "measure each path alone, too, and compare with the best")
	f.Var(&b.pathTime, "path-time", "for so long (default 3)")
	f.BoolVar(&b.discard, "discard", false, "the receiver's kernel throws data away instead of copying it\nto the program")
	f.IntVar(&b.subflows, "subflows", 0, "begin when each connection has `N` established subflows")
	f.BoolVar(&b.requireMPTCP, "require-mptcp", false, "exit with 1 if a connection is not MPTCP, or no longer")
	f.StringVarP(&b.source, "source", "B", "", "connect from `FROM`, an address or an interface")
	f.StringSliceVar(&b.race, "race", nil, "try to connect from each of several local addresses and\ninterfaces (`FROM,FROM...`); the first to succeed is taken")
	f.Var(&b.interval, "interval", "tell how far it is every `TIME`, 0: not (default 1)")
	f.Var(&b.timeout, "timeout", "give up when the server does not answer, or is not heard,\nfor `TIME` (default 20)")
	f.Var(&b.wait, "wait", "while the server is busy or not there, go on trying for `TIME`")
	f.BoolVar(&b.json, "json", false, "print one JSON value at the end")
	f.BoolVar(&b.ndjson, "ndjson", false, "print a line of JSON for each interval, and one at the end")
}

func runBench(ctx context.Context, flags *benchFlags, options bench.Options) error {
	view := &benchView{out: newScreen(os.Stdout), flags: flags}
	options.Observer = view.observer()
	result, err := bench.Run(ctx, options)
	if result != nil {
		view.result(result)
	}
	return errors.Join(view.out.failed(), benchFailure(ctx, err))
}

// benchFailure says what went wrong with the exit code that it has: whatever the
// network or the other end is the cause of is an answer.
func benchFailure(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, mptcp.ErrNotSupported) {
		return err
	}
	fmt.Fprintln(os.Stderr, "allroads: "+oneLine(err))
	return status(exitNo)
}
