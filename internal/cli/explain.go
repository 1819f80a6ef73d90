package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"allroads/internal/control"

	"github.com/spf13/cobra"
)

func newExplain() *cobra.Command {
	var flags *daemonFlags
	var namespace string
	command := &cobra.Command{
		Use:   "explain CONNECTION",
		Short: "tell the story of a connection: all that allroadsd decided about it, and why",
		Long: `explain tells what happened to a connection and what the path manager allroadsd
decided about it, each with its cause, the oldest first. CONNECTION is its token, as conns
and paths print it, or an address, a port or both of one of its ends. By its token it is
known for some time after its end, too.

    allroads explain 83119fc5
    allroads explain 192.168.0.2:40312
    allroads explain :40312 --namespace red

Exit code: 0; 1 no such connection is known, or several are: then they are listed;
` + daemonExits + `.`,
		Args: arguments("CONNECTION"),
		RunE: func(c *cobra.Command, args []string) error {
			word, ok := parsePathWord(args[0])
			if !ok {
				return &usageError{fmt.Errorf("%q is not a TOKEN (1 to 8 hexadecimal digits), ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT or :PORT", args[0]), c.CommandPath()}
			}
			answer, err := findStory(c.Context(), flags.client(), namespace, word)
			if err != nil {
				return err
			}
			if flags.json {
				out := newScreen(os.Stdout)
				out.answered(answer.JSON)
				return out.failed()
			}
			view := &storyView{pathsView{connsView{screen: newScreen(os.Stdout)}}}
			return view.show(&answer.Value)
		},
	}
	flags = withDaemon(command, "print one JSON value")
	command.Flags().StringVar(&namespace, "namespace", "", "of the network namespace `NAME`, as status names it")
	return command
}

// findStory asks by token. An end is looked for among the connections that are live.
func findStory(ctx context.Context, client *control.Client, namespace string, word pathWord) (answer control.Answer[control.Story], err error) {
	if word.token == nil {
		paths, err := client.Paths(ctx)
		if err != nil {
			return answer, err
		}
		c, err := theOne(pathChoice{word}.of(inNamespace(paths.Value.Connections, namespace)))
		if err != nil {
			return answer, err
		}
		namespace = c.Namespace
		token, err := parseToken(c.Token)
		if err != nil {
			return answer, fmt.Errorf("understand token %q of a connection: %w", c.Token, err)
		}
		word.token = &token
	}
	answer, err = client.Story(ctx, namespace, fmt.Sprintf("%08x", *word.token))
	if said(err, "", control.CodeUnknown) {
		return answer, status(exitNo)
	}
	if said(err, "", control.CodeAmbiguous) {
		fmt.Fprintln(os.Stderr, "allroads: say which, with --namespace")
		return answer, status(exitNo)
	}
	return answer, err
}

func inNamespace(connections []control.Connection, name string) (found []control.Connection) {
	for _, c := range connections {
		if name == "" || c.Namespace == name {
			found = append(found, c)
		}
	}
	return found
}

// mostCandidates are listed where one was to be.
const mostCandidates = 20

func theOne(found []control.Connection) (*control.Connection, error) {
	switch len(found) {
	case 0:
		fmt.Fprintln(os.Stderr, "allroads: allroadsd knows no live connection with such an end; of one that has ended, say the token")
		return nil, status(exitNo)
	case 1:
		return &found[0], nil
	}
	fmt.Fprintf(os.Stderr, "allroads: %d connections have such an end: say which, by token:\n", len(found))
	for i, c := range found {
		if i == mostCandidates {
			fmt.Fprintf(os.Stderr, "  and %d more: see allroads paths\n", len(found)-i)
			break
		}
		fmt.Fprintln(os.Stderr, printable("  "+strings.Join([]string{c.Token, c.Local, "->", c.Remote, "netns", c.Namespace}, " ")))
	}
	return nil, status(exitNo)
}

// storyView renders a story.
type storyView struct{ pathsView }

func (v *storyView) show(s *control.Story) error {
	v.managed(&s.Connection)
	v.flush(0)
	if s.Closed != nil {
		v.printf("%s\n", v.paint(bold, "ended "+ago(*s.Closed)))
	}
	v.printf("\n")
	if s.Forgotten > 0 {
		v.printf("... %s before are forgotten\n", plural(s.Forgotten, "line"))
	}
	day := ""
	for _, e := range s.Entries {
		at := e.Time.Local()
		if today := at.Format("2006-01-02"); today != day {
			v.printf("%s\n", v.paint(dim, today))
			day = today
		}
		v.entry(at.Format("15:04:05.000"), e)
	}
	return v.failed()
}

func (v *storyView) entry(at string, e control.Entry) {
	text := printable(e.What)
	if e.Why != "" {
		text += ": " + printable(e.Why)
	}
	v.wrapped(16, v.paint(dim, at)+" ", strings.Fields(text))
}
