package nft

import (
	"encoding/binary"

	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Types of keys and data. The kernel only stores them, for nft(8) to know how to
// print what is in a set (enum datatypes in its include/datatype.h).
const (
	typeInteger = 4
	typeIPv4    = 7
	typeIPv6    = 8
)

// Orders of a key's bytes, for nft(8) likewise (enum byteorder).
const (
	hostEndian = 1
	bigEndian  = 2
)

// set is an anonymous set or map that one rule looks integers up in.
type set struct {
	name     string // a pattern: the kernel chooses the number in it
	keyLen   uint32 // bytes
	keyOrder byte
	data     uint32 // what a map maps to; 0 for a set
	dataLen  uint32 // bytes
	elements []element
}

type element struct{ key, data []byte }

// addSet adds the set of a statement, and gives the lookups the number that it
// has in this transaction.
func (b *batch) addSet(s statement) {
	b.sets++
	number := b.sets
	for _, e := range s.exprs {
		if lookup, ok := e.(*expr.Lookup); ok {
			lookup.SetID = number
		}
	}
	b.add(unix.NFT_MSG_NEWSET, func(a *netlink.AttributeEncoder) { s.set.describe(a, number) })
	b.add(unix.NFT_MSG_NEWSETELEM, func(a *netlink.AttributeEncoder) {
		a.String(unix.NFTA_SET_ELEM_LIST_TABLE, table)
		a.String(unix.NFTA_SET_ELEM_LIST_SET, s.set.name)
		a.Uint32(unix.NFTA_SET_ELEM_LIST_SET_ID, number)
		a.Nested(unix.NFTA_SET_ELEM_LIST_ELEMENTS, s.set.list)
	})
}

func (s *set) describe(a *netlink.AttributeEncoder, number uint32) {
	kind := uint32(unix.NFT_SET_ANONYMOUS | unix.NFT_SET_CONSTANT)
	if s.data != 0 {
		kind |= unix.NFT_SET_MAP
		a.Uint32(unix.NFTA_SET_DATA_TYPE, s.data)
		a.Uint32(unix.NFTA_SET_DATA_LEN, s.dataLen)
	}
	a.String(unix.NFTA_SET_TABLE, table)
	a.String(unix.NFTA_SET_NAME, s.name)
	a.Uint32(unix.NFTA_SET_ID, number)
	a.Uint32(unix.NFTA_SET_FLAGS, kind)
	a.Uint32(unix.NFTA_SET_KEY_TYPE, typeInteger)
	a.Uint32(unix.NFTA_SET_KEY_LEN, s.keyLen)
	a.Nested(unix.NFTA_SET_DESC, func(desc *netlink.AttributeEncoder) error {
		desc.Uint32(unix.NFTA_SET_DESC_SIZE, uint32(len(s.elements)))
		return nil
	})
	// nft(8) writes and reads it in the host's byte order.
	order := binary.NativeEndian.AppendUint32(nil, uint32(s.keyOrder))
	a.Bytes(unix.NFTA_SET_USERDATA, userdata.Append(nil, userdata.NFTNL_UDATA_SET_KEYBYTEORDER, order))
}

func (s *set) list(a *netlink.AttributeEncoder) error {
	for _, e := range s.elements {
		a.Nested(unix.NFTA_LIST_ELEM, func(one *netlink.AttributeEncoder) error {
			addValue(one, unix.NFTA_SET_ELEM_KEY, e.key)
			if e.data != nil {
				addValue(one, unix.NFTA_SET_ELEM_DATA, e.data)
			}
			return nil
		})
	}
	return nil
}

func addValue(a *netlink.AttributeEncoder, kind uint16, value []byte) {
	a.Nested(kind, func(data *netlink.AttributeEncoder) error {
		data.Bytes(unix.NFTA_DATA_VALUE, value)
		return nil
	})
}
