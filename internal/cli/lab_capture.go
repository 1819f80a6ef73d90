package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"allroads/internal/supervisor"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func newLabCapture() *cobra.Command {
	var path string
	var span time.Duration
	command := &cobra.Command{
		Use:   "capture LAB [LINK...] -w FILE",
		Short: "write the packets of a lab's links to a file, until Ctrl-C",
		Long: `capture writes the packets of links, or of all if none is named, as pcapng, in
the order of time. Each end of a link is an interface, called HOST:INTERFACE. It
ends with Ctrl-C, with --for, or with the lab. To watch live:

    allroads lab capture wifi-lte -w - | tshark -r -`,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return &usageError{errors.New("missing LAB"), c.CommandPath()}
			case path == "":
				return &usageError{errors.New("missing -w FILE"), c.CommandPath()}
			case c.Flags().Changed("for") && span <= 0:
				return &usageError{fmt.Errorf("--for %v: not a time span above 0", span), c.CommandPath()}
			}
			ctx := c.Context()
			if span > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, span)
				defer cancel()
			}
			return captureLab(ctx, args[0], args[1:], path)
		},
	}
	command.Flags().StringVarP(&path, "write", "w", "", "the `FILE` to write, - for standard output")
	command.Flags().DurationVar(&span, "for", 0, "end after `DURATION`")
	return command
}

func captureLab(ctx context.Context, name string, links []string, path string) error {
	// A file is not emptied for a lab or a link that is not there.
	if err := supervisor.CheckLinks(ctx, name, links); err != nil {
		return err
	}
	file := os.Stdout
	if path != "-" {
		var err error
		if file, err = os.Create(path); err != nil {
			return fmt.Errorf("write packets: %w", err)
		}
		defer file.Close()
	}
	messages := newScreen(os.Stderr)
	captured, err := supervisor.Capture(ctx, name, links, file, func(c supervisor.Captured) {
		if messages.terminal() {
			messages.printf("\r%d packets, Ctrl-C ends%s", c.Packets, eraseRest)
		}
	})
	if messages.terminal() {
		messages.printf("\r%s", eraseRest)
	}
	if err != nil && isUnread(file) {
		return status(128 + int(syscall.SIGPIPE)) // as if this process had written
	}
	if err != nil {
		return err
	}
	messages.printf("%d packets captured, %d dropped\n", captured.Packets, captured.Dropped)
	return nil
}

// isUnread reports whether a file is a pipe that nobody will read.
func isUnread(file *os.File) bool {
	polled := []unix.PollFd{{Fd: int32(file.Fd())}}
	_, err := unix.Poll(polled, 0)
	return err == nil && polled[0].Revents&unix.POLLERR != 0
}
