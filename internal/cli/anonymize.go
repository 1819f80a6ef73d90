package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"allroads/internal/anonymize"
	"allroads/internal/capture"

	"github.com/spf13/cobra"
)

type anonymizeFlags struct {
	path, key, seed     string
	keepPorts, keepTime bool
}

func newAnonymizeCommand() *cobra.Command {
	flags := &anonymizeFlags{}
	command := &cobra.Command{
		Use:   "anonymize FILE... -w OUT",
		Short: "make a capture that can be given to others",
		Long: `anonymize writes captures again with other addresses, ports, numbers, keys and times
and without payload, so that "allroads analyze" still finds the same in them: the same
connections, subflows, bytes, losses and time spans, and each token, HMAC and data
sequence number as right or wrong as it was. Several FILEs, pcap or pcapng, become
one, in the order of time.

Two addresses with the same prefix (of 8 bits or more for IPv4) have the same prefix
afterwards. Private, loopback, link-local and multicast addresses stay what they are.
MPTCP keys are replaced, and tokens, HMACs and data sequence numbers fitted to them.
Payload is cut off: checksums over it cannot be checked any more. TCP options that are
not known become no operation.

Whatever is not TCP over IP with headers understood to the last byte is left away and
counted: ARP, ICMP, DNS, later fragments. Names, comments and whatever else a file
says about the machine that it is from are left away, too.

What is replaced depends on a secret, which is random and forgotten. To have the same
replaced by the same in another run, as for captures from both ends, use --key; who
has the key can undo it.

It does not hide how many packets there are, how long, and when; window sizes, TTLs,
maximum segment sizes and address identifiers; and who talks to how many others.

Exit code: 0 written; 2 usage, or a FILE that cannot be read to its end (OUT has what
came before the damage); 3 the system cannot do it.`,
		Example: `  allroads anonymize trace.pcapng -w public.pcapng
  allroads anonymize client.pcap.gz -w client-public.pcapng --key secret
  allroads anonymize server.pcap.gz -w server-public.pcapng --key secret`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return runAnonymize(c.Context(), args, flags)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.StringVarP(&flags.path, "write", "w", "", "the `OUT` file, pcapng, - for standard output")
	f.StringVar(&flags.key, "key", "", "take the secret from `FILE`; a random one is saved there\nif there is no such file")
	f.StringVar(&flags.seed, "seed", "", "take `TEXT` as the secret, which others may guess or see")
	f.BoolVar(&flags.keepPorts, "keep-ports", false, "leave port numbers as they are")
	f.BoolVar(&flags.keepTime, "keep-time", false, "leave the time as it is: else only spans of time stay")
	return command
}

func (a *anonymizeFlags) check(files []string) error {
	switch {
	case len(files) == 0:
		return errors.New("missing FILE")
	case a.path == "":
		return errors.New("missing -w OUT")
	case a.key != "" && a.seed != "":
		return errors.New("--key and --seed: only one of them")
	case a.path == "-" && isTerminal(os.Stdout):
		return errors.New("-w -: packets are not for a terminal")
	}
	for _, file := range files {
		if sameFile(file, a.path) {
			return fmt.Errorf("-w %s: it is one of the captures to read", a.path)
		}
	}
	if err := anonymize.Check(files); errors.Is(err, anonymize.ErrTwice) {
		return err
	}
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

func runAnonymize(ctx context.Context, files []string, flags *anonymizeFlags) error {
	options := anonymize.Options{KeepPorts: flags.keepPorts, KeepTime: flags.keepTime}
	if flags.seed != "" {
		options.Secret = []byte(flags.seed)
	}
	if flags.key != "" {
		var err error
		if options.Secret, err = anonymize.Key(flags.key); err != nil {
			return err
		}
	}
	out := &output{file: os.Stdout}
	if flags.path != "-" {
		var err error
		if out, err = createOutput(flags.path); err != nil {
			return fmt.Errorf("write capture file: %w", err)
		}
	}
	messages := newScreen(os.Stderr)
	if messages.terminal() {
		options.Progress = func(done float64) { messages.printf("\r%3.0f %%%s", done*100, eraseRest) }
	}
	result, err := anonymize.Run(ctx, files, out, options)
	out.close(result != nil)
	if messages.terminal() {
		messages.printf("\r%s", eraseRest)
	}
	if result != nil {
		messages.printf("%s\n", anonymized(result))
	}
	return unreadable(err)
}

// unreadable tells files that cannot be read, or not to their end, from the rest.
func unreadable(err error) error {
	var damage *capture.DamageError
	if errors.As(err, &damage) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EISDIR) {
		return badInput{err}
	}
	return err
}

// anonymized says what was written, and what not.
func anonymized(r *anonymize.Result) string {
	text := fmt.Sprintf("%d of %d packets written: %s, %s", r.Written, r.Packets,
		plural(r.Connections, "MPTCP connection"), plural(r.Subflows, "subflow"))
	var left []string
	for _, one := range []struct {
		count uint64
		what  string
	}{
		{r.NotTCP, "not TCP"}, {r.Fragments, "later fragments"}, {r.Cut, "cut off in their headers"},
		{r.TooDeep, "nested too deep"}, {r.LinkType, "of an unknown link type"},
		{r.Unreadable, "with headers not understood in full"}, {r.Time, "from before 1970"},
	} {
		if one.count > 0 {
			left = append(left, fmt.Sprintf("%d %s", one.count, one.what))
		}
	}
	if len(left) > 0 {
		text += fmt.Sprintf("\n%d left away: %s", r.LeftAway(), strings.Join(left, ", "))
	}
	return text
}
