package lab

import (
	"errors"
	"fmt"
	"io/fs"

	"allroads/internal/document"
)

// Names are what a lab's namespaces are called under /run/netns, where ip-netns(8)
// and others find them. They go with Remove; when the process is killed, with the
// next Clean.
type Names struct{ record *record }

// Publish names the lab's namespaces: LAB-HOST each. It takes root of the system.
func (l *Lab) Publish() (*Names, error) {
	r, err := newRecord(l.Topology.Name)
	if err != nil {
		return nil, fmt.Errorf("name lab %s: %w", l.Topology.Name, err)
	}
	for _, host := range l.Topology.Names() {
		name := l.Topology.Name + "-" + host
		err := r.publish(name, l.hosts[host].ns)
		if errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("namespace %s is there already, and not this lab's: `ip netns delete` it, or give the lab another name", name)
		}
		if err != nil {
			r.undo()
			return nil, fmt.Errorf("name lab %s: %w", l.Topology.Name, err)
		}
	}
	return &Names{r}, nil
}

// All lists the names.
func (n *Names) All() []string { return n.record.names }

// Remove takes the names away.
func (n *Names) Remove() { n.record.undo() }

// HostSuggestion asks whether another host was meant, or is "".
func (l *Lab) HostSuggestion(name string) string {
	return document.Suggestion(name, l.Topology.Names())
}

// LinkSuggestion asks whether another link was meant, or is "".
func (l *Lab) LinkSuggestion(name string) string {
	return document.Suggestion(name, document.Keys(l.links))
}
