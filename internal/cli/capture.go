package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"allroads/internal/live"
	"allroads/internal/tap"

	"github.com/spf13/cobra"
)

func newCaptureCommand() *cobra.Command {
	flags := &captureFlags{}
	command := &cobra.Command{
		Use:   "capture -i INTERFACE... -w FILE",
		Short: "write the packets of interfaces to a file, until Ctrl-C",
		Long: `capture writes the packets of network interfaces as pcapng: one file for all of them,
each packet with its interface and its time in nanoseconds. A packet is there once
for each interface that it passes.

    allroads capture -i eth0 -i wlan0 --filter tcp -w paths.pcapng
    allroads capture -i any -n red -w - | tshark -r -
    allroads capture -i any --filter "port 443" -w day --rotate 100MB --files 10

It takes CAP_NET_RAW: root has it, also root of a lab or a container there. For
another namespace than the own one it takes CAP_SYS_ADMIN, too.

"-i any" is all interfaces of the namespace that have Ethernet frames, and loopback;
also those that come later. Interfaces that go down or disappear are told of, and the
capture goes on with the others; when none is left, it ends with exit code 3.

A FILTER is worked out by the kernel. Its conditions are joined by and, and all have to
hold:

    tcp            TCP over IPv4 or IPv6
    port N         TCP from or to this port
    host ADDRESS   from or to this IPv4 or IPv6 address
    net PREFIX     from or to an address in 10.1.0.0/16, for instance

To look into MPTCP, take tcp: which packets belong to a connection is not to be seen
from each alone, since plain ACKs and FINs carry no option of it. (A filter for that
option would lose the end of each subflow.) "allroads extract" picks connections out of
a file.

With --rotate, another file begins when the next packet would make one larger than a
size ("100MB"), or is so much later than its first packet ("10m"). They are called
FILE-00001.pcapng and so on; each is a whole capture, and no packet is lost between.

At the end it tells how many packets were written, and how many the kernel had no room
for while this program or the disk was too slow: less to capture (--filter, --snaplen)
or a larger --buffer help. What is known of them is in the file, too.

Exit code: 0 ended as asked for, 2 usage, 3 the system cannot, or not any longer.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := noArguments(c, args); err != nil {
				return err
			}
			plan, err := flags.parse()
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return runCapture(c.Context(), plan)
		},
	}
	flags.define(command)
	return command
}

func runCapture(ctx context.Context, plan *capturePlan) error {
	if plan.netns != "" {
		space, err := live.Find(plan.netns)
		if err != nil {
			return explainElsewhere(err)
		}
		defer space.NS.Close()
		plan.options.Namespace = space.NS
	}
	if plan.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, plan.duration)
		defer cancel()
	}
	// A limit to the size of files is an error of write(2), as a full disk is.
	signal.Ignore(syscall.SIGXFSZ)
	view := &captureView{screen: newScreen(os.Stderr), verbose: plan.verbose}
	plan.options.Notice = view.notice
	open, err := tap.Open(ctx, plan.options)
	if err != nil && plan.netns != "" {
		return explainElsewhere(err)
	}
	if err != nil {
		return err
	}
	recorder, err := tap.NewRecorder(open, plan.files)
	if err != nil {
		return errors.Join(err, open.Close())
	}
	stop := view.begin(open.Interfaces(), recorder)
	err = recorder.Record(plan.count)
	err = cmp.Or(err, recorder.Close()) // which says the same again
	stop()
	err = errors.Join(err, open.Close())
	view.end(recorder.Progress())
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(os.Stderr, "allroads: "+oneLine(err)) // and not that it was interrupted
		return status(exitSystem)
	}
	return err
}

// explainElsewhere says what it takes to capture in another namespace.
func explainElsewhere(err error) error {
	if errors.Is(err, fs.ErrPermission) { // EPERM or EACCES
		return fmt.Errorf("%w: to capture in another namespace takes CAP_SYS_ADMIN and CAP_NET_RAW: run as root, or with sudo", err)
	}
	return err
}
