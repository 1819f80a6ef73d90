package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"allroads/internal/capture"
	"allroads/internal/extract"
	"allroads/trace"

	"github.com/spf13/cobra"
)

type extractFlags struct {
	connections []string
	path        string
	overwrite   bool
	follow      string
	hex         bool
	holes       string
	tcp         bool
}

func newExtractCommand() *cobra.Command {
	flags := &extractFlags{}
	command := &cobra.Command{
		Use:   "extract FILE...",
		Short: "take a connection out of capture files: its packets, or its data",
		Long: `extract writes all packets of all subflows of connections to a file (pcapng, in
nanoseconds, with the interfaces that they were captured on), or with --follow what
the applications sent: put together from all subflows by the data sequence numbers
of MPTCP, each byte once, as the other application was given them.

FILE is a capture, pcap or pcapng, plain or compressed by gzip or zstd; several are
merged by time. It is read more than once: standard input (-) and pipes are kept in
a temporary file meanwhile, up to 16 GiB, in the directory that TMPDIR names.

A connection is chosen by a token of either side, as ss prints it, or by its number
as "allroads analyze" gives it. Without --connection there has to be but one.

--follow shows the data of the side that is named, or of both: as a conversation on
a terminal, with --hex, and where it is both; else as the bytes themselves.
Offsets count from the first byte behind the handshake, or where that was not
captured, from the first one that was. Bytes that were not captured are never made
up: the data ends in front of them, unless --holes says otherwise.

After a fallback to TCP, and for plain TCP (--tcp), the numbers of TCP count.

Exit code: 0 done; 1 no such connection, bytes are missing, or a file is cut short
or broken (what came before is written); 2 usage; 3 the system cannot do it.`,
		Example: `  allroads extract all.pcapng --connection 0x1a2b3c4d -w one.pcapng
  allroads extract all.pcapng --connection 2 --follow=server -w page.html
  ssh router tcpdump -w - tcp | allroads extract - --connection 1 --follow --hex`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			job, err := flags.parse(c.Flags().Changed, args)
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return job.run(c.Context())
		},
	}
	flags.define(command)
	return command
}

func (e *extractFlags) define(command *cobra.Command) {
	f := command.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&e.connections, "connection", "c", nil, "the connection with this `TOKEN|N`; may be repeated")
	f.StringVarP(&e.path, "write", "w", "", "the `FILE` to write, - for standard output")
	f.BoolVar(&e.overwrite, "overwrite", false, "replace a file that exists")
	f.StringVarP(&e.follow, "follow", "f", "", "the data that `SIDE` sent: client, server or both")
	f.Lookup("follow").NoOptDefVal = "both"
	f.BoolVar(&e.hex, "hex", false, "with --follow: as a hex dump")
	f.StringVar(&e.holes, "holes", "stop", "with --follow: `WHAT` to do where bytes are missing:\nstop, zero (write zeros) or skip (leave them out)")
	f.BoolVar(&e.tcp, "tcp", false, "plain TCP connections, too, which are numbered with the others")
}

// extractJob is a command line that was understood.
type extractJob struct {
	files     []string
	selectors []trace.Selector
	flags     *extractFlags
	stream    extract.StreamOptions
	progress  *screen
}

var (
	sides = []string{"client", "server", "both"}
	holes = []string{"stop", "zero", "skip"}
)

func (e *extractFlags) parse(changed func(string) bool, args []string) (*extractJob, error) {
	if changed("follow") && e.follow == "both" {
		args = e.takeSide(args)
	}
	job := &extractJob{files: args, flags: e, progress: newScreen(os.Stderr)}
	policy := slices.Index(holes, e.holes)
	switch {
	case len(args) == 0:
		return nil, errors.New("missing FILE")
	case changed("follow") && !slices.Contains(sides, e.follow):
		return nil, fmt.Errorf("--follow %s: neither client nor server nor both", e.follow)
	case policy < 0:
		return nil, fmt.Errorf("--holes %s: neither stop nor zero nor skip", e.holes)
	case e.follow == "" && (e.hex || changed("holes")):
		return nil, errors.New("--hex and --holes are for --follow")
	case e.follow == "" && e.path == "":
		return nil, errors.New("missing -w FILE, - for standard output")
	case e.follow == "" && e.path == "-" && isTerminal(os.Stdout):
		return nil, errors.New("-w -: packets are not for a terminal")
	}
	for _, text := range e.connections {
		selector, err := trace.ParseSelector(text)
		if err != nil {
			return nil, err
		}
		job.selectors = append(job.selectors, selector)
	}
	job.stream = extract.StreamOptions{
		Options: extract.Options{TCP: e.tcp}, Holes: extract.Holes(policy),
		Client: e.follow != "server", Server: e.follow != "client",
	}
	return job, nil
}

// takeSide finds the side where it stands behind --follow with a space: a file that is
// called so is named ./client.
func (e *extractFlags) takeSide(args []string) (files []string) {
	for i, arg := range args {
		if slices.Contains(sides, arg) {
			e.follow = arg
			return slices.Delete(slices.Clone(args), i, i+1)
		}
	}
	return args
}

func (j *extractJob) run(ctx context.Context) error {
	path := j.flags.path
	if path == "" {
		path = "-"
	}
	out, err := extract.Create(path, j.flags.overwrite)
	if errors.Is(err, os.ErrExist) {
		return &usageError{err, "allroads extract"}
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	defer out.Abort() // which is nothing after Commit
	files, remove, err := extract.Spool(ctx, j.files)
	if err != nil {
		return err
	}
	defer remove()
	if j.flags.follow != "" {
		return j.follow(ctx, files, out)
	}
	summary, err := extract.Packets(ctx, files, j.selectors, j.stream.Options, out)
	if err != nil {
		return j.refused(err)
	}
	if err := out.Commit(); err != nil {
		return fmt.Errorf("write packets: %w", err)
	}
	for i := range summary.Connections {
		j.hidden(&summary.Connections[i])
	}
	j.progress.printf("%d packets of %s written\n", summary.Packets, plural(len(summary.Connections), "connection"))
	return j.damaged(summary.Damage)
}

func (j *extractJob) hidden(c *extract.Chosen) {
	if c.Hidden > 0 {
		j.progress.printf("connection %d: packets of %d subflows that never came about are left out\n", c.ID, c.Hidden)
	}
}

// refused says what the answer no is about.
func (j *extractJob) refused(err error) error {
	var notFound *extract.NotFoundError
	var damage *capture.DamageError
	switch {
	case errors.As(err, &notFound) && len(j.selectors) == 0 && notFound.Count > 0:
		return &usageError{fmt.Errorf("missing --connection: %w", err), "allroads extract"}
	case errors.As(err, &notFound):
		fmt.Fprintln(os.Stderr, "allroads: "+err.Error())
		return status(exitNo)
	case errors.As(err, &damage), errors.Is(err, os.ErrNotExist):
		fmt.Fprintln(os.Stderr, "allroads: "+oneLine(err))
		return status(exitUsage)
	}
	return err
}

// damaged says that the result is a part of what there was.
func (j *extractJob) damaged(damage error) error {
	if damage == nil {
		return nil
	}
	fmt.Fprintln(os.Stderr, "allroads: "+oneLine(damage)+"; what came before is written")
	return status(exitNo)
}
