package nft

import (
	"errors"
	"fmt"

	"allroads/internal/netns"
	"allroads/internal/nl"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// check has the kernel try a table with these chains, and change nothing.
func check(ns *netns.NS, chains []chain) error { return transact(ns, chains, false) }

// commit makes these chains the table.
func commit(ns *netns.NS, chains []chain) error { return transact(ns, chains, true) }

func transact(ns *netns.NS, chains []chain, commit bool) error {
	messages, err := replaceTable(chains)
	if err != nil {
		return err
	}
	var conn *netlink.Conn
	err = ns.Do(func() (err error) {
		conn, err = netlink.Dial(unix.NETLINK_NETFILTER, nl.Config(0))
		return err
	})
	if err != nil {
		return fmt.Errorf("open netfilter socket: %w", nl.Kernel(err))
	}
	defer conn.Close()
	return nl.Kernel(send(conn, messages, commit))
}

// send sends a transaction; the kernel takes back one that has no end
// (nfnetlink_rcv_batch in net/netfilter/nfnetlink.c). Errors come in the order
// of the messages, and the last message asks for an answer in any case: so if
// that is what comes first, there was no error, and no number of messages fills
// the socket's buffer with answers.
func send(conn *netlink.Conn, messages []netlink.Message, commit bool) error {
	messages[len(messages)-1].Header.Flags |= netlink.Acknowledge
	all := append([]netlink.Message{boundary(unix.NFNL_MSG_BATCH_BEGIN)}, messages...)
	if commit {
		all = append(all, boundary(unix.NFNL_MSG_BATCH_END))
	}
	if _, err := conn.SendMessages(all); err != nil {
		return err
	}
	_, err := conn.Receive()
	return err
}

func boundary(kind int) netlink.Message {
	return message(kind, unix.NFPROTO_UNSPEC, unix.NFNL_SUBSYS_NFTABLES, nil)
}

// findCause finds out which rule the kernel refuses, by trying each alone.
func findCause(ns *netns.NS, chains []chain, refusal error) error {
	if errors.Is(refusal, unix.EMSGSIZE) {
		return fmt.Errorf("%w: the rules do not fit into a socket's buffer (net.core.wmem_default): give fewer", refusal)
	}
	if err := check(ns, nil); err != nil {
		return explain(err, "CONFIG_NF_TABLES and CONFIG_NF_TABLES_INET")
	}
	for _, c := range chains {
		for _, r := range c.rules {
			alone := c
			alone.rules = []rule{r}
			if err := check(ns, []chain{alone}); err != nil {
				return fmt.Errorf("%s: %w", r.text(), explain(err, r.needs))
			}
		}
	}
	return refusal
}

// explain says what a kernel needs that answers so, and what a user.
func explain(err error, needs string) error {
	for _, missing := range []unix.Errno{unix.ENOENT, unix.EOPNOTSUPP, unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT} {
		if errors.Is(err, missing) {
			return fmt.Errorf("%w: it needs %s: %w", ErrNotSupported, needs, err)
		}
	}
	if errors.Is(err, unix.EPERM) {
		return fmt.Errorf("%w: it takes CAP_NET_ADMIN, and a table %s that no other program owns", err, table)
	}
	return err
}
