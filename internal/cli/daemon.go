package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"allroads/internal/control"

	"github.com/spf13/cobra"
)

// daemonFlags are those of each command that asks allroadsd.
type daemonFlags struct {
	socket string
	json   bool
}

// withDaemon gives a command these flags.
func withDaemon(c *cobra.Command, asJSON string) *daemonFlags {
	flags := new(daemonFlags)
	c.Flags().SortFlags = false
	c.Flags().BoolVar(&flags.json, "json", false, asJSON)
	c.Flags().StringVar(&flags.socket, "socket", control.DefaultSocket, "ask the allroadsd that listens on the Unix socket `PATH`")
	return flags
}

func (f *daemonFlags) client() *control.Client { return &control.Client{Socket: f.socket} }

const daemonExits = "2 usage; 3 allroadsd cannot be asked, or may not be by this user"

// answered prints what allroadsd has answered, as it came: with fields that this program
// does not know.
func (s *screen) answered(text []byte) {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, bytes.TrimSpace(text), "", "  "); err == nil {
		s.printf("%s\n", pretty.Bytes())
	}
}

// answeredLine prints an answer in one line.
func (s *screen) answeredLine(text []byte) { s.printf("%s\n", bytes.TrimSpace(text)) }

// quietly is the end of a command that goes on until somebody ends it: Ctrl-C is no
// mishap there.
func quietly(ctx context.Context, err error) error {
	if end, ok := errors.AsType[interrupted](context.Cause(ctx)); ok {
		return status(128 + int(end.signal))
	}
	return err
}

// said reports whether allroadsd has refused with one of these codes, after printing what
// it said, under what that means.
func said(err error, what string, codes ...control.Code) bool {
	failed, ok := errors.AsType[*control.Failed](err)
	if !ok {
		return false
	}
	for _, code := range codes {
		if failed.Code == code {
			fmt.Fprintf(os.Stderr, "allroads: %s%s\n", what, failed)
			return true
		}
	}
	return false
}

// span is a time in words that fit between others.
func span(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func ago(t time.Time) string { return span(time.Since(t)) + " ago" }

// orEmpty is a text that may be missing.
func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// again says when something is tried once more.
func again(next *time.Time, tries int) (text string) {
	switch {
	case next != nil && time.Until(*next) < time.Second:
		text = "next try now"
	case next != nil:
		text = "next try in " + span(time.Until(*next))
	case tries > 0:
		text = "next try when something changes"
	}
	if tries > 0 {
		text += ", tried " + times(uint64(tries))
	}
	return text
}
