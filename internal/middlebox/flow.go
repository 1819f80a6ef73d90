package middlebox

import (
	"bytes"
	"container/list"
)

// maxFlows bounds a Box's memory to some 14 MB. The flow that was quiet for
// longest goes first, and is counted from 0 should it come again.
const maxFlows = 65536

// A flowKey is a TCP flow, the same for both directions.
type flowKey struct {
	ends    [2]flowEnd
	address uint8 // bytes of an address, since an IPv4 one is padded
}

type flowEnd struct {
	address [16]byte
	port    [2]byte
}

func (s *segment) flow() flowKey {
	var a, b flowEnd
	copy(a.address[:], s.source)
	copy(b.address[:], s.destination)
	copy(a.port[:], s.tcp[0:])
	copy(b.port[:], s.tcp[2:])
	order := bytes.Compare(a.address[:], b.address[:])
	if order == 0 {
		order = bytes.Compare(a.port[:], b.port[:])
	}
	if order > 0 {
		a, b = b, a
	}
	return flowKey{[2]flowEnd{a, b}, uint8(len(s.source))}
}

// A flowTable counts the payload of flows, in bytes. Flows without any are not
// in it, so that SYNs do not fill it.
type flowTable struct {
	limit  int
	byKey  map[flowKey]*list.Element
	recent list.List // of *flow, the last one used first
}

type flow struct {
	key    flowKey
	passed uint64
}

func newFlowTable(limit int) *flowTable {
	return &flowTable{limit: limit, byKey: map[flowKey]*list.Element{}}
}

func (t *flowTable) passed(key flowKey) uint64 {
	element := t.byKey[key]
	if element == nil {
		return 0
	}
	t.recent.MoveToFront(element)
	return element.Value.(*flow).passed
}

func (t *flowTable) add(key flowKey, payload int) {
	element := t.byKey[key]
	if element == nil {
		element = t.insert(key)
	}
	element.Value.(*flow).passed += uint64(payload)
}

func (t *flowTable) insert(key flowKey) *list.Element {
	if len(t.byKey) >= t.limit {
		t.forget(t.recent.Back().Value.(*flow).key)
	}
	element := t.recent.PushFront(&flow{key: key})
	t.byKey[key] = element
	return element
}

func (t *flowTable) forget(key flowKey) {
	if element := t.byKey[key]; element != nil {
		t.recent.Remove(element)
		delete(t.byKey, key)
	}
}
