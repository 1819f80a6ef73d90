package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"allroads/internal/daemon"
	"allroads/internal/hook"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

type hookFlags struct {
	cgroup            string
	pin, unpin, probe bool
}

func newHook() *cobra.Command {
	var flags hookFlags
	command := &cobra.Command{
		Use:   "hook --cgroup DIR [--pin] | --cgroup DIR --unpin | --probe",
		Short: "give the programs of a cgroup MPTCP sockets where they ask for TCP, by BPF",
		Long: `hook makes the kernel turn each socket(AF_INET or AF_INET6, SOCK_STREAM, 0 or
IPPROTO_TCP) of a program in a cgroup, or in one below it, into an MPTCP socket. Programs
that run already are included, with the sockets that they make from now on. It takes
Linux 6.6, root, and a host that allows tracing programs of BPF.

    allroadsd hook --probe
    allroadsd hook --cgroup /sys/fs/cgroup/system.slice/nginx.service

It prints one line of JSON when the hook works, stays until its standard input ends or
SIGTERM or SIGINT comes, and prints another with the counts. Then the hook is gone; with
--pin it stays while programs are in the cgroup, also when this process is killed. Each
start removes what of that is needed no more.

Exit code: 0, 2 usage, 3 the system cannot.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return daemon.UsageError{Err: err}
			}
			switch {
			case flags.probe:
				return probe(c.OutOrStdout())
			case flags.unpin:
				return unpin(c.OutOrStdout(), flags.cgroup)
			}
			return hold(c.Context(), os.Stdin, c.OutOrStdout(), flags)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.StringVar(&flags.cgroup, "cgroup", "", "the cgroup's `DIR`ectory, in a hierarchy of version 2")
	f.BoolVar(&flags.pin, "pin", false, "keep the hook as long as programs are in the cgroup")
	f.BoolVar(&flags.unpin, "unpin", false, "remove a hook that was kept so")
	f.BoolVar(&flags.probe, "probe", false, "tell whether it works here, and change nothing")
	return command
}

func (f *hookFlags) check(args []string) error {
	switch {
	case len(args) > 0:
		return fmt.Errorf("unexpected argument %q", args[0])
	case f.probe && (f.cgroup != "" || f.pin || f.unpin):
		return errors.New("--probe takes no other flag")
	case !f.probe && f.cgroup == "":
		return errors.New("--cgroup DIR or --probe is needed")
	case f.pin && f.unpin:
		return errors.New("--pin and --unpin: one or the other")
	}
	return nil
}

func probe(out io.Writer) error {
	if err := hook.Probe(); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return say(out, report{Hook: "works"})
}

func unpin(out io.Writer, cgroup string) error {
	found, err := hook.Unpin(hook.PinDir, cgroup)
	if err != nil {
		return fmt.Errorf("unpin: %w", err)
	}
	if !found {
		return fmt.Errorf("unpin: no hook is pinned for cgroup %s", cgroup)
	}
	return say(out, report{Hook: "unpinned", Cgroup: cgroup})
}

// hold keeps a hook until the standard input or ctx ends.
func hold(ctx context.Context, in io.Reader, out io.Writer, flags hookFlags) error {
	freed, err := hook.Clean(hook.PinDir)
	if err != nil {
		fmt.Fprintf(os.Stderr, "allroadsd hook: clean up: %v\n", err) // It is others' mess.
	}
	h, err := hook.Attach(flags.cgroup)
	// Room for another hook may be there soon; the rest is so until the host changes.
	if errors.Is(err, hook.ErrNotSupported) && !errors.Is(err, unix.E2BIG) {
		err = errors.Join(err, say(out, report{Hook: "refused"}))
	}
	if err != nil {
		return fmt.Errorf("attach to cgroup %s: %w", flags.cgroup, err)
	}
	if flags.pin {
		if err := h.Pin(hook.PinDir); err != nil {
			return errors.Join(err, h.Close())
		}
	}
	ipv6 := h.IPv6()
	if err := say(out, report{Hook: "attached", Cgroup: h.Cgroup().Path(), Pinned: flags.pin, IPv6: &ipv6, Cleaned: freed}); err != nil {
		return errors.Join(err, h.Unpin(), h.Close())
	}
	wait(ctx, in)
	return end(out, h)
}

// wait returns when the input or ctx has ended. Whatever comes in is of no interest.
func wait(ctx context.Context, in io.Reader) {
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in)
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// end detaches the hook, or leaves a pinned one to the programs that are there, and
// tells what it did.
func end(out io.Writer, h *hook.Hook) error {
	idle, err := h.Cgroup().Empty()
	if err != nil {
		return err
	}
	last := report{Hook: "left", Cgroup: h.Cgroup().Path(), Pinned: true}
	if idle || !h.Pinned() {
		last.Hook, last.Pinned = "detached", false
		if err := h.Unpin(); err != nil {
			return err
		}
	}
	counts, err := h.Counts()
	if err != nil {
		return err
	}
	if err := h.Close(); err != nil {
		return fmt.Errorf("detach: %w", err)
	}
	last.Counts = &tally{counts.Seen, counts.Converted, counts.Missed}
	return say(out, last)
}
