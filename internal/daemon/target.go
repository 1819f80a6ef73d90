package daemon

import (
	"errors"
	"os"
	"slices"

	"allroads/internal/config"
	"allroads/internal/netns"
)

// target is a namespace to be managed.
type target struct {
	name, file string // file is "" for the own one
	inode      uint64
}

// wordsOr are those of the command line, or else those of the configuration.
func wordsOr(words []string, c *config.Config) []string {
	if len(words) > 0 {
		return words
	}
	return c.Namespaces
}

// findTargets finds the namespaces that words mean, each once. Missing are names that no
// namespace has now.
func findTargets(words []string) (targets []target, missing []string) {
	own, _ := netns.Own()
	add := func(t target) {
		if t.inode == own {
			t.file = "" // It need not be entered.
		}
		if !slices.ContainsFunc(targets, func(other target) bool { return other.inode == t.inode }) {
			targets = append(targets, t)
		}
	}
	for _, word := range words {
		switch word {
		case config.Host:
			add(target{name: config.Host, inode: own})
		case config.AllWithMPTCP:
		default:
			if t, found := named(word); found {
				add(t)
			} else {
				missing = append(missing, word)
			}
		}
	}
	if slices.Contains(words, config.AllWithMPTCP) {
		for _, t := range allWithMPTCP() {
			add(t)
		}
	}
	return targets, missing
}

func named(word string) (target, bool) {
	ns, err := netns.Find(word)
	if err != nil {
		return target{}, false
	}
	defer ns.Close()
	inode, err := ns.Inode()
	if err != nil || !netns.IsAt(netns.FileOf(word), inode) {
		return target{}, false // It is no namespace yet: a file that one is about to be mounted on.
	}
	return target{word, netns.FileOf(word), inode}, true
}

// allWithMPTCP lists those in which sockets of MPTCP can be made.
func allWithMPTCP() (targets []target) {
	all, _ := netns.All()
	for _, found := range all {
		t := target{found.Name, found.File, found.Inode}
		if found.Own {
			t.name, t.file = config.Host, ""
		}
		p, err := openPlace(t.name, t.file)
		if errors.Is(err, os.ErrPermission) {
			targets = append(targets, t) // Whoever asked for all is to know.
		}
		if err != nil {
			continue // It has gone.
		}
		if enabled, err := p.sysctl(enabledKey); err == nil && enabled == "1" {
			targets = append(targets, t)
		}
		p.close()
	}
	return targets
}
