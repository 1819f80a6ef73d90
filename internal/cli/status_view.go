package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"allroads/internal/control"
)

// statusView renders what allroadsd does. Who looks at it may have been woken for that:
// what is wrong comes first.
type statusView struct{ *screen }

func (v *statusView) show(s *control.Status) {
	bad, notes := concerns(s)
	name := "allroadsd " + printable(s.Version)
	switch {
	case len(bad) > 0:
		v.printf("%s\n", v.paint(red, name+" is NOT WELL:"))
	case len(notes) > 0:
		v.printf("%s\n", v.paint(yellow, name+" works; to be known:"))
	default:
		v.printf("%s\n", v.paint(green, name+": all is well"))
	}
	for _, text := range bad {
		v.entry("  "+v.paint(red, "!"), text)
	}
	for _, text := range notes {
		v.entry("  "+v.paint(yellow, "-"), text)
	}
	v.running(s)
	for i := range s.Namespaces {
		v.namespace(&s.Namespaces[i])
	}
}

// entry prints a text of somebody else's words, wrapped behind a mark. The lines that show
// where in a file a mistake is are for reload and --check: they cannot be wrapped.
func (v *statusView) entry(mark, text string) {
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, ">") {
			continue
		}
		if i > 0 {
			mark = "   "
		}
		v.wrapped(6, mark, strings.Fields(printable(line)))
	}
}

func (v *statusView) running(s *control.Status) {
	files := "the defaults, without a file"
	if len(s.Config.Files) > 0 {
		files = strings.Join(s.Config.Files, ", ")
	}
	text := fmt.Sprintf("since %s, pid %d; configuration: %s, loaded %s",
		span(time.Since(s.Started)), s.PID, files, ago(s.Config.Loaded))
	v.wrapped(6, "running", strings.Fields(printable(text)))
}

func (v *statusView) namespace(n *control.Namespace) {
	v.printf("\n%s\n", v.paint(bold, printable("namespace "+n.Name+": "+manager(n))))
	if len(n.Addresses) > 0 {
		v.addresses(n.Addresses)
	}
	for _, e := range n.Foreign {
		v.entry("  of others:", strings.Join(append([]string{endpointText(e)}, e.Flags...), " "))
	}
	for _, r := range n.Routing {
		v.entry("  routing:", r.What+" ("+r.Why+")")
	}
	v.entry("  limits:", limitsText(n.Limits))
	c := n.Connections
	v.entry("  connections:", fmt.Sprintf("%d live, %d managed; %d seen since the start", c.Live, c.Managed, c.Seen))
	v.entry("  subflows:", fmt.Sprintf("%d asked for, %d lost, %d tried again", c.Subflows, c.Lost, c.Retried))
}

func manager(n *control.Namespace) string {
	text := n.Mode + " mode"
	if n.PathManager == nil {
		return text + ", net.mptcp.path_manager is not known"
	}
	if *n.PathManager != n.Mode {
		text += ", net.mptcp.path_manager is " + *n.PathManager
	}
	return text
}

func endpointText(e control.Endpoint) string {
	text := fmt.Sprintf("endpoint %s id %d", e.Address, e.ID)
	if e.Port != nil {
		text += fmt.Sprintf(" port %d", *e.Port)
	}
	return text
}

func limitsText(l *control.Limits) string {
	if l == nil {
		return "not known"
	}
	text := fmt.Sprintf("subflows %d, add_addr_accepted %d", l.Subflows, l.AddAddrAccepted)
	if b := l.Before; b != nil {
		text += fmt.Sprintf(" (found %d and %d)", b.Subflows, b.AddAddrAccepted)
	}
	return text
}

// addressRow is an address in the columns of the table. Its last is as long as it likes.
func addressRow(a control.Address) (cells []string, why string) {
	id := "-"
	if a.EndpointID != nil {
		id = strconv.Itoa(int(*a.EndpointID))
	}
	for _, cell := range []string{a.State, a.Address, a.Interface, a.Role, id} {
		cells = append(cells, printable(orDash(cell)))
	}
	why = orEmpty(a.Reason)
	if why != "" {
		why += " (for " + span(time.Since(a.Since)) + ")"
	}
	return cells, printable(strings.Join(nonEmpty(a.Type, strings.Join(a.Flags, " "), prefixed("rule ", a.Rule), why), "; "))
}

func nonEmpty(texts ...string) (kept []string) {
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return kept
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
