package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"allroads/internal/tap"
	"allroads/lab"

	"github.com/spf13/cobra"
)

type captureFlags struct {
	interfaces []string
	netns      string
	filter     string
	path       string
	count      uint64
	duration   seconds
	snapLen    int
	rotate     string
	files      int
	overwrite  bool
	buffer     string
	verbose    bool
}

// capturePlan is what a command line of capture means.
type capturePlan struct {
	netns    string
	options  tap.Options
	files    tap.Files
	count    uint64
	duration time.Duration
	verbose  bool
}

func (c *captureFlags) define(command *cobra.Command) {
	f := command.Flags()
	f.SortFlags = false
	f.StringSliceVarP(&c.interfaces, "interface", "i", nil, "capture on `INTERFACE`; again, or with commas, for several;\nany: on all")
	f.StringVarP(&c.netns, "netns", "n", "", "capture in `NETNS`: a name under /run/netns, a path, or pid:N")
	f.StringVar(&c.filter, "filter", "none", "capture only what passes `FILTER` (\"tcp and port 443\"),\nsee above")
	f.StringVarP(&c.path, "write", "w", "", "the `FILE` to write, - for standard output")
	f.Uint64VarP(&c.count, "count", "c", 0, "end after `N` packets")
	f.Var(&c.duration, "duration", "end after `TIME` (\"10\", \"1.5\", \"5m\")")
	f.IntVar(&c.snapLen, "snaplen", 0, "keep `BYTES` of each packet only (118 hold the headers of TCP),\n0: whole packets")
	f.StringVar(&c.rotate, "rotate", "", "begin another file after `SIZE|TIME` (\"100MB\", \"10m\")")
	f.IntVar(&c.files, "files", 0, "with --rotate: keep the newest `N` files, 0: all")
	f.BoolVar(&c.overwrite, "overwrite", false, "overwrite files that exist; with --rotate, remove those of an\nearlier series of this name")
	f.StringVar(&c.buffer, "buffer", "16MB", "`SIZE` of the kernel's memory for packets not yet read")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "tell every second how far it is")
}

func (c *captureFlags) parse() (plan *capturePlan, err error) {
	plan = &capturePlan{netns: c.netns, count: c.count, duration: c.duration.Duration, verbose: c.verbose}
	switch {
	case len(c.interfaces) == 0:
		return nil, errors.New("missing -i INTERFACE, or -i any")
	case slices.Contains(c.interfaces, "any") && len(c.interfaces) > 1:
		return nil, errors.New("-i any: it has the others in it")
	case c.snapLen < 0 || c.snapLen > tap.MaxSnapLen:
		return nil, fmt.Errorf("--snaplen %d: not within 0 to %d", c.snapLen, tap.MaxSnapLen)
	}
	if c.interfaces[0] != "any" {
		plan.options.Interfaces = c.interfaces
	}
	plan.options.SnapLen = c.snapLen
	if plan.options.Filter, err = tap.ParseFilter(c.filter); err != nil {
		return nil, fmt.Errorf("--filter: %w", err)
	}
	bytes, err := lab.ParseBytes(c.buffer)
	if err != nil {
		return nil, fmt.Errorf("--buffer: %w", err)
	}
	if bytes > tap.MaxBuffer {
		return nil, fmt.Errorf("--buffer %s: not within 0 to %d bytes", c.buffer, tap.MaxBuffer)
	}
	plan.options.RingBytes = int(bytes)
	plan.files, err = c.output()
	plan.options.Bulk = !plan.files.Stdout
	return plan, err
}

// output is where the packets go.
func (c *captureFlags) output() (f tap.Files, err error) {
	f = tap.Files{Path: c.path, Stdout: c.path == "-", Overwrite: c.overwrite, Keep: c.files}
	switch {
	case c.path == "" && isTerminal(os.Stdout):
		return f, errors.New("missing -w FILE: a terminal cannot show packets; allroads analyze -i can, or -w - and a pipe: | tshark -r -")
	case c.path == "":
		return f, errors.New("missing -w FILE, or -w - for standard output")
	case f.Stdout && isTerminal(os.Stdout):
		return f, errors.New("-w -: standard output is a terminal, which cannot show packets: give them to a program, | tshark -r -, or to a file")
	case c.files < 0:
		return f, fmt.Errorf("--files %d: not a number of files", c.files)
	case c.files > 0 && c.rotate == "":
		return f, errors.New("--files: only with --rotate")
	case f.Stdout && c.rotate != "":
		return f, errors.New("--rotate: not with -w -")
	case c.rotate == "":
		return f, nil
	}
	f.Size, f.Time, err = parseRotate(c.rotate)
	return f, err
}

func parseRotate(text string) (size int64, span time.Duration, err error) {
	if span, err = time.ParseDuration(text); err == nil && span > 0 && text != "0" {
		return 0, span, nil
	}
	bytes, err := lab.ParseBytes(text)
	last := text[len(text)-1]
	if err != nil || bytes == 0 || last >= '0' && last <= '9' {
		return 0, 0, fmt.Errorf(`--rotate %s: not a size such as "100MB", nor a time such as "10m"`, text)
	}
	return int64(bytes), 0, nil
}
