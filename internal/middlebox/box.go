package middlebox

import "fmt"

// A Box follows rules in userspace, on the Ethernet frames of one link. It looks
// at TCP segments over IPv4 and IPv6, with up to two VLAN tags, with IPv4 options
// and with the hop-by-hop, routing and destination headers of IPv6. All else
// passes untouched: what is fragmented, truncated or contradicts itself, and IP
// packets inside others.
//
// Checksums have to be in the packets, so checksum offload has to be off at the
// sender. A changed packet's TCP checksum is right when it was right before, and
// wrong when it was wrong.
type Box struct {
	stages [2][]stage
	flows  *flowTable // nil unless some rule waits for payload
}

// New makes a box with the rules for each of a link's two directions: 0 is from
// end a, 1 from end b. They are followed in their order, each on what the one
// before has left of a packet. The error is that of Validate, with the rule's
// place, counted from 1, before it.
func New(rules [2][]Rule) (*Box, error) {
	b := &Box{}
	for d := range rules {
		b.stages[d] = make([]stage, len(rules[d]))
		for i, r := range rules[d] {
			if err := r.Validate(); err != nil {
				return nil, fmt.Errorf("rule %d from end %c: %w", i+1, 'a'+d, err)
			}
			b.stages[d][i].set(r)
			if r.After > 0 && b.flows == nil {
				b.flows = newFlowTable(maxFlows)
			}
		}
	}
	return b, nil
}

// Inspect handles a frame that has come from the end of that direction, 0 or 1:
// it is changed in place and returned as out, or dropped. It keeps nothing of
// frame. One goroutine may call it, for both directions, and in the order of the
// frames.
func (b *Box) Inspect(direction int, frame []byte) (out []byte, drop bool) {
	if b.idle(direction) {
		return frame, false
	}
	var s segment
	if !s.parse(frame) {
		return frame, false
	}
	if b.flows == nil {
		drop = b.follow(direction, &s, 0)
	} else {
		drop = b.followFlow(direction, &s)
	}
	if drop {
		return nil, true
	}
	return frame, false
}

// idle tells that nothing has to be done, nor remembered.
func (b *Box) idle(direction int) bool {
	return direction != 0 && direction != 1 || len(b.stages[direction]) == 0 && b.flows == nil
}

// followFlow follows the rules and counts the payload that passes.
func (b *Box) followFlow(direction int, s *segment) (drop bool) {
	key := s.flow()
	if s.is(opens) {
		b.flows.forget(key)
	}
	if b.follow(direction, s, b.flows.passed(key)) {
		return true
	}
	if s.is(resets) {
		b.flows.forget(key)
	} else if n := s.payload(); len(n) > 0 {
		b.flows.add(key, len(n))
	}
	return false
}

func (b *Box) follow(direction int, s *segment, passed uint64) (drop bool) {
	stages := b.stages[direction]
	for i := range stages {
		if stages[i].follow(s, passed) {
			return true
		}
	}
	return false
}

// Counts returns for each rule that New was given how many packets it has
// dropped, stripped or rewritten. Any goroutine may call it.
func (b *Box) Counts() (packets [2][]uint64) {
	for d := range b.stages {
		packets[d] = make([]uint64, len(b.stages[d]))
		for i := range b.stages[d] {
			packets[d][i] = b.stages[d][i].packets.Load()
		}
	}
	return packets
}
