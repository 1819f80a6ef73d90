package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"allroads/internal/live"
	"allroads/sockdiag"

	"github.com/spf13/cobra"
)

type connsFlags struct {
	listening, all, everywhere, json, processes bool
	netns                                       string
	watch                                       time.Duration
}

func newConns() *cobra.Command {
	var flags connsFlags
	command := &cobra.Command{
		Use:   "conns [TOKEN|ADDRESS[:PORT]|:PORT|STATE]...",
		Short: "list the live MPTCP connections, each with its subflows in their true state",
		Long: `conns lists the Multipath TCP connections of this host, a line each, and below it a
line for each subflow. How many subflows are established is counted from their own
states: the kernel's counter has those in it, too, whose handshake is not over.
What is not known is a question mark.

    allroads conns
    allroads conns 83119fc5
    allroads conns established 10.1.0.1:443 [2001:db8::1]:443 :80
    allroads conns --watch 1s -n red
    allroads conns --listening --json

Words choose connections: by token, as ss and monitor print it; by an address, a port
or both, at either end of the connection or of a subflow; by state. Of words of one
kind any may fit, and of each kind one has to.

Connections are in the order of their addresses. More than ` + fmt.Sprint(maxSorted) + ` are in that of the
kernel, since none is kept; with --watch they are kept.

With --watch, rates are those since the look before. A namespace that disappears is
told of, and the watch goes on with the others; when none is left, it ends with exit
code 3. Namespaces that come later are not looked into.

Exit code: 0 also when there is no connection, 2 usage, 3 the system cannot.`,
		RunE: func(c *cobra.Command, words []string) error {
			options, err := flags.options(words)
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			if c.Flags().Changed("watch") && flags.watch <= 0 {
				return &usageError{fmt.Errorf("--watch %v: not a time span above 0", flags.watch), c.CommandPath()}
			}
			return runConns(c.Context(), &flags, options)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.BoolVarP(&flags.listening, "listening", "l", false, "list listeners only")
	f.BoolVarP(&flags.all, "all", "a", false, "list listeners, too")
	f.StringVarP(&flags.netns, "netns", "n", "", "look into `NETNS`: a name under /run/netns, a path, or pid:N")
	f.BoolVar(&flags.everywhere, "all-namespaces", false, "look into all network namespaces that can be found and entered")
	f.BoolVarP(&flags.processes, "processes", "p", false, "tell whose the connections are: processes and cgroup")
	f.DurationVar(&flags.watch, "watch", 0, "look again each `INTERVAL` (\"1s\"), and tell rates")
	f.BoolVar(&flags.json, "json", false, "print one JSON value; with --watch, one in a line for each look")
	return command
}

func (f *connsFlags) options(words []string) (live.Options, error) {
	options := live.Options{Owners: f.processes}
	switch {
	case f.listening && f.all:
		return options, errors.New("--listening and --all: one or the other")
	case f.netns != "" && f.everywhere:
		return options, errors.New("--netns and --all-namespaces: one or the other")
	case f.listening:
		options.Filter.Listeners = sockdiag.OnlyListeners
	case f.all:
		options.Filter.Listeners = sockdiag.WithListeners
	}
	return options, options.Choose(words)
}

func runConns(ctx context.Context, flags *connsFlags, options live.Options) error {
	spaces := spaceFlags{flags.netns, flags.everywhere}
	watcher, unseen, err := spaces.open(ctx, options)
	if err != nil {
		return err
	}
	defer watcher.close()
	tellUnseen(unseen)
	if flags.json {
		view := newConnsJSON(unseen, flags.processes)
		if flags.watch > 0 {
			return watchConns(ctx, watcher.Watcher, flags.watch, view)
		}
		return view.stream(ctx, watcher.Watcher)
	}
	view := &connsView{screen: newScreen(os.Stdout), owners: flags.processes, spaces: flags.everywhere}
	if flags.watch > 0 {
		view.watching = true
		return watchConns(ctx, watcher.Watcher, flags.watch, view)
	}
	return view.stream(ctx, watcher.Watcher)
}
