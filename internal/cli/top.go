package cli

import (
	"context"
	"errors"
	"os"
	"time"

	"allroads/internal/live"
	"allroads/internal/top"

	"github.com/spf13/cobra"
)

type topFlags struct {
	spaceFlags
	interval            time.Duration
	processes, noEvents bool
}

func newTop() *cobra.Command {
	var flags topFlags
	command := &cobra.Command{
		Use:   "top [TOKEN|ADDRESS[:PORT]|:PORT|STATE]...",
		Short: "watch live MPTCP connections, and what each of their paths carries, on the whole screen",
		Long: `top shows the Multipath TCP connections of this host on the whole screen, those
that carry most first. For the one that is chosen it draws its paths, with what
each has carried lately and its round-trip time, and tells what happens to it:
subflows made and closed, addresses announced. F1 or h explains the keys, which
are those of htop; q ends it.

    allroads top
    allroads top -n red :443
    allroads top --all-namespaces --interval 2s

Words choose connections as those of conns do. Namespaces that come later than top
are not looked into. Rates are in bits per second. What is not known is a question
mark.

What happens is heard from the kernel, which tells it to CAP_NET_ADMIN only. While
anybody hears it, in whatever network namespace, connections under the userspace
path manager accept announced addresses and further subflows, which they refuse
otherwise. With --no-events, or without that right, changes are found by comparing
looks.

It needs a terminal; conns --watch needs none. NO_COLOR is honoured, and so is a
locale without UTF-8.

Exit code: 0, 2 usage, 3 the system cannot, 128 and the signal's number after one.`,
		RunE: func(c *cobra.Command, words []string) error {
			var look live.Options
			if err := flags.check(&look, words); err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return runTop(c.Context(), &flags, look)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.StringVarP(&flags.netns, "netns", "n", "", "look into `NETNS`: a name under /run/netns, a path, or pid:N")
	f.BoolVar(&flags.everywhere, "all-namespaces", false, "look into all network namespaces that can be found and entered")
	f.DurationVar(&flags.interval, "interval", time.Second, "look each `INTERVAL`")
	f.BoolVarP(&flags.processes, "processes", "p", false, "show whose the connections are")
	f.BoolVar(&flags.noEvents, "no-events", false, "do not listen to the path manager's events")
	return command
}

func (f *topFlags) check(look *live.Options, words []string) error {
	if f.netns != "" && f.everywhere {
		return errors.New("--netns and --all-namespaces: one or the other")
	}
	if err := top.CheckInterval(f.interval); err != nil {
		return err
	}
	if err := look.Choose(words); err != nil {
		return err
	}
	if !isTerminal(os.Stdin) || !isTerminal(os.Stdout) || os.Getenv("TERM") == "dumb" {
		return errors.New("it needs a terminal with a whole screen; `allroads conns --watch 1s` needs none")
	}
	return nil
}

func runTop(ctx context.Context, flags *topFlags, look live.Options) error {
	told := false
	return top.Run(ctx, os.Stdin, os.Stdout, top.Options{
		Open: func(ctx context.Context, owners bool) (top.Source, error) {
			look.Owners = owners
			watcher, unseen, err := flags.open(ctx, look)
			if err != nil {
				return nil, err
			}
			if !told { // before the screen is another
				tellUnseen(unseen)
				told = true
			}
			return topSource{watcher}, nil
		},
		NetNS: flags.netns, Everywhere: flags.everywhere,
		Interval: flags.interval, Owners: flags.processes, NoEvents: flags.noEvents,
	})
}

// topSource is a watcher that closes the namespace that was opened for it, too.
type topSource struct{ *openWatcher }

func (s topSource) Close() error {
	s.close()
	return nil
}
