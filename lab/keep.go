package lab

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"allroads/internal/netns"
)

// Kept says how to reach a lab that outlives the program that built it.
type Kept struct {
	Enter  []string `json:"enter"`  // shell commands, one for each host, that run a shell in it
	Remove string   `json:"remove"` // the shell command that takes the lab down

	confirm func() error
}

// Confirm makes the lab stay when this process ends. It is called when somebody
// has been told how to remove it: a lab that nobody knows of must not stay.
func (k *Kept) Confirm() error { return k.confirm() }

// Keep prepares the lab to outlive this process: with names for `ip netns` where
// the process is root of the system, else held by a process left in the
// background. Until Confirm, the lab still goes with this process, its names at
// the next Up at the latest. The lab itself can go on being used, and must be
// closed.
func (l *Lab) Keep() (*Kept, error) {
	keep := l.publish
	if netns.Inside() {
		keep = l.hold
	}
	if len(l.hosts) == 0 {
		return nil, fmt.Errorf("keep lab %s: %w", l.Topology.Name, errClosed)
	}
	if l.carrier != nil {
		return nil, fmt.Errorf("keep lab %s: %w", l.Topology.Name, errCarried)
	}
	kept, err := keep()
	if err != nil {
		return nil, fmt.Errorf("keep lab %s: %w", l.Topology.Name, err)
	}
	return kept, nil
}

var (
	errClosed  = errors.New("the lab is closed")
	errCarried = errors.New("links with delay or loss end with this process, which carries them")
)

// hold leaves the lab in the care of another process. Such a lab has a user
// namespace of its own, which has to be entered too.
func (l *Lab) hold() (*Kept, error) {
	var namespaces []*netns.NS
	for _, host := range l.Topology.Hosts {
		namespaces = append(namespaces, l.hosts[host.Name].ns)
	}
	holder, err := netns.Hold("allroads: lab "+l.Topology.Name, namespaces...)
	if err != nil {
		return nil, err
	}
	kept := &Kept{Remove: fmt.Sprintf("kill %d", holder.Pid), confirm: holder.Confirm}
	for i := range namespaces {
		kept.Enter = append(kept.Enter, fmt.Sprintf(
			"nsenter --preserve-credentials --user=/proc/%d/ns/user --net=/proc/%d/fd/%d sh", holder.Pid, holder.Pid, 3+i))
	}
	return kept, nil
}

// publish names the lab's namespaces: the host's name behind the record's id,
// which keeps labs of one topology apart.
func (l *Lab) publish() (*Kept, error) {
	record, err := newRecord(l.Topology.Name)
	if err != nil {
		return nil, err
	}
	kept := &Kept{confirm: record.commit}
	var remove []string
	for _, host := range l.Topology.Hosts {
		name := record.id + "-" + host.Name
		if err := record.publish(name, l.hosts[host.Name].ns); err != nil {
			record.undo()
			return nil, err
		}
		kept.Enter = append(kept.Enter, "ip netns exec "+name+" sh")
		remove = append(remove, "ip netns delete "+name)
	}
	slices.Reverse(remove)
	kept.Remove = strings.Join(append(remove, "rm -f "+record.file.Name()), "; ")
	return kept, nil
}
