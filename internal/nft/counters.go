package nft

import (
	"fmt"

	"allroads/internal/netns"
	"allroads/internal/nl"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
)

// Counter is what a rule has matched since it was installed.
type Counter struct {
	// Rule is the rule's comment in nft(8): "masquerade eth0", "balance
	// 10.0.0.1", "synproxy 10.0.0.1:443", "strip mp_capable in syn from eth0".
	Rule string
	// Packets of Masquerade and Balance are the first ones of connections, those
	// of SynProxy the ones that make a connection.
	Packets uint64
	Bytes   uint64 // of IP packets, headers included
}

// Counters reads the counters of the table "inet allroads": first those of
// Masquerade, then Balance, Rules and SynProxy, one for each element in its
// order. Without the table there are none.
func Counters(ns *netns.NS) ([]Counter, error) {
	var conn *nftables.Conn
	err := ns.Do(func() (err error) {
		conn, err = nftables.New(nftables.AsLasting())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read nftables counters: open netfilter socket: %w", explain(nl.Kernel(err), "CONFIG_NF_TABLES"))
	}
	defer conn.CloseLasting()
	counters, err := read(conn)
	if err != nil {
		return nil, fmt.Errorf("read nftables counters: %w", explain(nl.Kernel(err), "CONFIG_NF_TABLES"))
	}
	return counters, nil
}

func read(conn *nftables.Conn) ([]Counter, error) {
	chains, err := conn.ListChainsOfTableFamily(nftables.TableFamilyINet)
	if err != nil {
		return nil, err
	}
	var counters []Counter
	for _, c := range chains {
		if c.Table.Name != table {
			continue
		}
		rules, err := conn.GetRules(c.Table, c)
		if err != nil {
			return nil, err
		}
		for _, r := range rules {
			counters = append(counters, counted(r)...)
		}
	}
	return counters, nil
}

// counted is the one counter of a rule that has a comment.
func counted(r *nftables.Rule) []Counter {
	comment, commented := userdata.GetString(r.UserData, userdata.TypeComment)
	for _, e := range r.Exprs {
		if counter, ok := e.(*expr.Counter); ok && commented {
			return []Counter{{Rule: comment, Packets: counter.Packets, Bytes: counter.Bytes}}
		}
	}
	return nil
}
