package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"allroads/internal/packets"
	"allroads/internal/page"
	"allroads/trace"

	"github.com/spf13/cobra"
)

type analyzeFlags struct {
	connections, expect      []string
	tcp                      bool
	packets, mptcpOnly       bool
	time                     packets.Time
	json, ndjson, csv, quiet bool
	html, svg, graph         string
	client, server           string
	interfaces               []string
	netns, filter            string
	max                      int
	selectors                []trace.Selector
}

func newAnalyze() *cobra.Command {
	var flags analyzeFlags
	command := &cobra.Command{
		Use:   "analyze FILE...",
		Short: "say what a capture shows: connections, subflows, what each carried, and what is odd",
		Long: `analyze reads captures (pcap or pcapng, plain or compressed by gzip or zstd; "-" is
standard input) and says of each Multipath TCP connection which subflows it had, whether
keys, tokens, HMACs and mappings are right, what each path carried in which time, and
why it fell back, or why a path was idle. Several files are merged by time; a flow that
is in several of them is judged where it was seen first.

    allroads analyze capture.pcapng
    allroads analyze client.pcap.zst --connection 83119fc5
    allroads analyze capture.pcap --packets --mptcp-only
    allroads analyze capture.pcap --html report.html
    allroads analyze capture.pcap --expect 'subflows >= 2' --expect no-fallback
    allroads analyze --client client.pcap --server server.pcap
    allroads analyze -i eth0 -i wlan0

Connections whose start was not captured are followed as far as packets tell; it is said
that this was inferred. What was not captured is unknown, and never guessed.

Exit code: 0, 1 an expectation does not hold or no connection is the one that was asked
for, 2 usage, or a file that cannot be read to its end (what came before is reported
and marked as partial), 3 the system cannot.`,
		RunE: func(c *cobra.Command, files []string) error {
			if err := flags.check(files); err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return flags.run(c.Context(), files)
		},
	}
	flags.define(command)
	return command
}

func (f *analyzeFlags) define(command *cobra.Command) {
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.connections, "connection", "c", nil, "tell all that is known of connection `TOKEN|N`; may be\ngiven again")
	flags.BoolVar(&f.tcp, "tcp", false, "follow plain TCP connections, too")
	flags.StringArrayVar(&f.expect, "expect", nil, "exit with 1 unless `WHAT` holds (\"subflows >= 2\"); may be\ngiven again")
	flags.IntVar(&f.max, "max", 0, "list `N` connections at most (default 10)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print the verdict, and what does not hold, only")
	flags.BoolVar(&f.json, "json", false, "print one JSON value")
	flags.BoolVar(&f.ndjson, "ndjson", false, "print one in a line for each connection, as it is over,\nand one for the rest")
	flags.BoolVar(&f.csv, "csv", false, "print a row of CSV for each direction of each subflow")
	flags.BoolVar(&f.packets, "packets", false, "print a line for each packet")
	flags.BoolVar(&f.mptcpOnly, "mptcp-only", false, "with --packets: those with MPTCP options only")
	flags.TextVar(&f.time, "time", packets.Relative, "with --packets: times as `FORM`: relative, absolute, delta,\nepoch")
	flags.StringVar(&f.html, "html", "", "write a page with graphs to `FILE`, which needs nothing else")
	flags.StringVar(&f.svg, "svg", "", "write one graph of one connection to `FILE`")
	flags.StringVar(&f.graph, "graph", "sequence", "with --svg: `WHICH`, of "+strings.Join(page.Graphs(), ", ")+"\n")
	flags.StringVar(&f.client, "client", "", "compare `FILE`, captured at the client, with that of --server")
	flags.StringVar(&f.server, "server", "", "the `FILE` that was captured at the server")
	flags.StringArrayVarP(&f.interfaces, "interface", "i", nil, "capture on `INTERFACE` (or any) and tell until Ctrl-C; may\nbe given again")
	flags.StringVarP(&f.netns, "netns", "n", "", "with -i: in `NETNS`: a name under /run/netns, a path, pid:N")
	flags.StringVar(&f.filter, "filter", "tcp", "with -i: what fits `FILTER` only, see capture --help")
}

// check finds what cannot be meant.
func (f *analyzeFlags) check(files []string) error {
	if err := f.checkInput(files); err != nil {
		return err
	}
	if err := f.checkOutput(); err != nil {
		return err
	}
	for _, name := range f.connections {
		selector, err := trace.ParseSelector(name)
		if err != nil {
			return err
		}
		f.selectors = append(f.selectors, selector)
	}
	return nil
}

func (f *analyzeFlags) twoSided() bool { return f.client != "" || f.server != "" }

func (f *analyzeFlags) live() bool { return len(f.interfaces) > 0 }

func (f *analyzeFlags) checkInput(files []string) error {
	switch {
	case f.twoSided() && (f.client == "" || f.server == ""):
		return errors.New("--client and --server: one without the other")
	case f.twoSided() && (len(files) > 0 || f.live()):
		return errors.New("--client and --server: no other input beside them")
	case f.live() && len(files) > 0:
		return errors.New("files and --interface: one or the other")
	case !f.live() && f.netns != "":
		return errors.New("--netns: for --interface only")
	case !f.twoSided() && !f.live() && len(files) == 0:
		return errors.New("no capture file is named")
	case count(files, "-") > 1:
		return errors.New("standard input can be read once only")
	}
	return nil
}

// checkOutput: what goes to standard output has one form.
func (f *analyzeFlags) checkOutput() error {
	forms := 0
	for _, wanted := range []bool{f.json, f.ndjson, f.csv, f.packets, f.quiet} {
		if wanted {
			forms++
		}
	}
	switch {
	case forms > 1:
		return errors.New("--json, --ndjson, --csv, --packets and --quiet: one of them at most")
	case f.mptcpOnly && !f.packets:
		return errors.New("--mptcp-only: for --packets only")
	case f.svg != "" && !slices.Contains(page.Graphs(), f.graph):
		return fmt.Errorf("--graph %q: none of %s", f.graph, strings.Join(page.Graphs(), ", "))
	case f.twoSided() && (f.ndjson || f.csv || f.packets || f.html != "" || f.svg != "" || len(f.expect) > 0 || len(f.connections) > 0):
		return errors.New("--client and --server: only --json goes with them")
	}
	for name, path := range map[string]string{"html": f.html, "svg": f.svg} {
		if path == "-" || path != "" && isStandardOutput(path) {
			return fmt.Errorf("--%s %q: not a file of its own: the result goes to standard output", name, path)
		}
	}
	return nil
}

func count(words []string, wanted string) (n int) {
	for _, word := range words {
		if word == wanted {
			n++
		}
	}
	return n
}
