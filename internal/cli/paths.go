package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"allroads/internal/control"

	"github.com/spf13/cobra"
)

func newPaths() *cobra.Command {
	var flags *daemonFlags
	command := &cobra.Command{
		Use:   "paths [TOKEN|ADDRESS[:PORT]|:PORT]...",
		Short: "list the connections that allroadsd decides about, each with its paths",
		Long: `paths lists the MPTCP connections that the path manager allroadsd knows: by which
strategy they are managed and which rule chose it, and each path, with its state and the
reason.

    allroads paths
    allroads paths 83119fc5
    allroads paths 192.168.0.2 :443

Words choose connections: by token, as conns prints it, or by an address, a port or both,
at either end of the connection or of a path. Any of the words may fit.

A path is established, joining (its handshake is on the way), waiting (it will be made),
standby (it will be made when it is needed), or given-up.

Exit code: 0; 1 no connection is as the words say;
` + daemonExits + `.`,
		RunE: func(c *cobra.Command, words []string) error {
			choice, err := choosePaths(words)
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			answer, err := flags.client().Paths(c.Context())
			if err != nil {
				return err
			}
			return showPaths(flags.json, choice, answer)
		},
	}
	flags = withDaemon(command, "print one JSON value")
	return command
}

func showPaths(asJSON bool, choice pathChoice, answer control.Answer[control.Paths]) error {
	chosen := choice.of(answer.Value.Connections)
	view := &pathsView{connsView{screen: newScreen(os.Stdout)}}
	switch {
	case asJSON && len(choice) == 0:
		view.answered(answer.JSON)
	case asJSON:
		answer.Value.Connections = append([]control.Connection{}, chosen...) // never null
		view.json(answer.Value)
	default:
		for i := range chosen {
			view.managed(&chosen[i])
			view.flush(textRoom)
		}
		view.flush(0)
	}
	if len(chosen) == 0 && !asJSON {
		fmt.Fprintln(os.Stderr, "allroads: "+choice.none(len(answer.Value.Connections)))
	}
	if len(chosen) == 0 && len(choice) > 0 {
		return status(exitNo)
	}
	return view.failed()
}

// pathsView renders connections with their paths.
type pathsView struct{ connsView }

func (v *pathsView) managed(c *control.Connection) {
	items := []item{{text: printable(c.Token), color: bold}}
	items = append(items, item{text: printable(c.Local), color: bold}, item{text: "-> " + printable(c.Remote), color: bold, near: true})
	side := orUnknown(c.Side)
	for _, text := range nonEmpty(side, prefixed("managed by ", c.Manager), c.Strategy, prefixed("rule ", c.Rule),
		prefixed("netns ", c.Namespace), "for "+span(time.Since(c.Since))) {
		items = append(items, item{text: printable(text)})
	}
	v.line(0, items)
	for i := range c.Paths {
		v.line(2, pathItems(&c.Paths[i]))
	}
}

func pathItems(p *control.Path) []item {
	items := []item{{text: printable(p.State), color: stateColor(p.State)},
		{text: printable(p.Local)}, {text: "-> " + printable(orUnknown(p.Remote)), near: true}}
	backup := ""
	if p.Backup {
		backup = "backup"
	}
	reason := orEmpty(p.Reason)
	if p.State == "waiting" && p.Next == nil { // Then it says for what.
		reason = prefixed("for ", strings.TrimPrefix(reason, "for "))
	}
	for _, text := range nonEmpty(prefixed("on ", p.Interface), fmt.Sprintf("ids %d %d", p.LocalID, p.RemoteID), backup,
		reason, again(p.Next, p.Tries)) {
		items = append(items, item{text: printable(text)})
	}
	return items
}
