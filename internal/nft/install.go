package nft

import (
	"errors"
	"fmt"

	"allroads/internal/netns"
)

// Install makes the ruleset the only content of the table "inet allroads" of a
// namespace, in place of an earlier one; other tables are left alone. It changes
// all or, on an error, nothing. It takes CAP_NET_ADMIN in the user namespace that
// owns the network namespace. Counters begin at 0. Connections that exist keep the
// addresses that an earlier ruleset gave them.
//
// SynProxy also sets what it takes: net.netfilter.nf_conntrack_tcp_loose=0,
// net.ipv4.tcp_syncookies=1 and net.ipv4.tcp_timestamps=1
// (Documentation/networking/nf_conntrack-sysctl.rst). They stay when the ruleset
// goes.
//
// The error is an ErrNotSupported when the kernel lacks something, which it names.
func Install(ns *netns.NS, r Ruleset) error {
	if err := r.Validate(); err != nil {
		return fmt.Errorf("install nftables rules: %w", err)
	}
	chains := r.chains()
	// Settings are only touched for a ruleset that the kernel takes, and by then
	// it has loaded the module that the first of them belongs to.
	if err := check(ns, chains); err != nil {
		return fmt.Errorf("install nftables rules: %w", findCause(ns, chains, err))
	}
	undo, err := r.configure(ns)
	if err == nil {
		err = commit(ns, chains)
	}
	if err != nil {
		return fmt.Errorf("install nftables rules: %w", errors.Join(err, undo()))
	}
	return nil
}

type setting struct{ key, value string }

// settings are what synproxy works with.
var settings = []setting{
	// Without it, connection tracking takes the client's ACK for a connection
	// whose beginning it has not seen, and the proxy never gets it.
	{"net.netfilter.nf_conntrack_tcp_loose", "0"},
	{"net.ipv4.tcp_syncookies", "1"},
	// What the SYN says about window scale and SACK comes back in a timestamp.
	{"net.ipv4.tcp_timestamps", "1"},
}

// configure makes the settings, and returns what takes them back.
func (r Ruleset) configure(ns *netns.NS) (undo func() error, err error) {
	var undos []func() error
	undo = func() (err error) {
		for _, one := range undos {
			err = errors.Join(err, one())
		}
		return err
	}
	if len(r.SynProxy) == 0 {
		return undo, nil
	}
	for _, s := range settings {
		old, err := ns.Sysctl(s.key)
		if err == nil {
			err = ns.SetSysctl(s.key, s.value)
		}
		if err != nil {
			return undo, fmt.Errorf("synproxy: %w", err)
		}
		undos = append(undos, func() error { return ns.SetSysctl(s.key, old) })
	}
	return undo, nil
}
