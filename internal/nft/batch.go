package nft

import (
	"encoding/binary"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// batch is a transaction in the making. The library's own cannot be used: it has
// no way to strip an option, and no other expressions than its own.
type batch struct {
	messages []netlink.Message
	sets     uint32 // how many there are: the number of the last one
	err      error
}

// replaceTable is the transaction after which the table holds these chains and
// nothing else.
func replaceTable(chains []chain) ([]netlink.Message, error) {
	b := &batch{}
	// A table that is not there cannot be deleted, so it is made first.
	for _, command := range []int{unix.NFT_MSG_NEWTABLE, unix.NFT_MSG_DELTABLE, unix.NFT_MSG_NEWTABLE} {
		b.add(command, func(a *netlink.AttributeEncoder) { a.String(unix.NFTA_TABLE_NAME, table) })
	}
	for _, c := range chains {
		b.addChain(c)
	}
	for _, c := range chains {
		for _, r := range c.rules {
			b.addRule(c.name, r)
		}
	}
	return b.messages, b.err
}

func (b *batch) add(command int, fill func(*netlink.AttributeEncoder)) {
	attributes := netlink.NewAttributeEncoder()
	attributes.ByteOrder = binary.BigEndian
	fill(attributes)
	encoded, err := attributes.Encode()
	if b.err == nil {
		b.err = err
	}
	b.messages = append(b.messages, message(unix.NFNL_SUBSYS_NFTABLES<<8|command, unix.NFPROTO_INET, 0, encoded))
}

// message puts struct nfgenmsg before the attributes (linux/netfilter/nfnetlink.h).
func message(kind int, family byte, resource uint16, attributes []byte) netlink.Message {
	header := binary.BigEndian.AppendUint16([]byte{family, unix.NFNETLINK_V0}, resource)
	return netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(kind), Flags: netlink.Request | netlink.Create | netlink.Append},
		Data:   append(header, attributes...),
	}
}

func (b *batch) addChain(c chain) {
	b.add(unix.NFT_MSG_NEWCHAIN, func(a *netlink.AttributeEncoder) {
		a.String(unix.NFTA_CHAIN_TABLE, table)
		a.String(unix.NFTA_CHAIN_NAME, c.name)
		a.String(unix.NFTA_CHAIN_TYPE, c.kind)
		a.Uint32(unix.NFTA_CHAIN_POLICY, uint32(nftables.ChainPolicyAccept))
		a.Nested(unix.NFTA_CHAIN_HOOK, func(hook *netlink.AttributeEncoder) error {
			hook.Uint32(unix.NFTA_HOOK_HOOKNUM, c.hook)
			hook.Int32(unix.NFTA_HOOK_PRIORITY, c.priority)
			return nil
		})
	})
}

// addRule adds a rule, after the sets that it looks into.
func (b *batch) addRule(chainName string, r rule) {
	var exprs []expr.Any
	for _, s := range r.statements {
		if s.set != nil {
			b.addSet(s)
		}
		exprs = append(exprs, s.exprs...)
	}
	b.add(unix.NFT_MSG_NEWRULE, func(a *netlink.AttributeEncoder) {
		a.String(unix.NFTA_RULE_TABLE, table)
		a.String(unix.NFTA_RULE_CHAIN, chainName)
		a.Nested(unix.NFTA_RULE_EXPRESSIONS, func(list *netlink.AttributeEncoder) error {
			for _, e := range exprs {
				list.Do(unix.NLA_F_NESTED|unix.NFTA_LIST_ELEM, func() ([]byte, error) { return marshal(e) })
			}
			return nil
		})
		if r.comment != "" {
			a.Bytes(unix.NFTA_RULE_USERDATA, userdata.AppendString(nil, userdata.TypeComment, r.comment))
		}
	})
}

// marshal encodes an expression. The library knows exthdr with a register only;
// without one it strips an option.
func marshal(e expr.Any) ([]byte, error) {
	option, ok := e.(*expr.Exthdr)
	if !ok || option.DestRegister != 0 || option.SourceRegister != 0 {
		return expr.Marshal(unix.NFPROTO_INET, e)
	}
	attributes := netlink.NewAttributeEncoder()
	attributes.ByteOrder = binary.BigEndian
	attributes.String(unix.NFTA_EXPR_NAME, "exthdr")
	attributes.Nested(unix.NFTA_EXPR_DATA, func(data *netlink.AttributeEncoder) error {
		data.Uint8(unix.NFTA_EXTHDR_TYPE, option.Type)
		data.Uint32(unix.NFTA_EXTHDR_OP, uint32(option.Op))
		return nil
	})
	return attributes.Encode()
}
