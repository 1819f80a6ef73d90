package bothends

import (
	"hash/maphash"

	"allroads/trace"
	"allroads/wire"
)

// Basis is what two captures' flows were found to be one by.
type Basis string

const (
	ByAddresses Basis = "addresses and sequence numbers"
	ByNumbers   Basis = "initial sequence numbers"
	ByStamps    Basis = "sequence numbers and timestamps"
	ByNonces    Basis = "nonces of MP_JOIN"
	ByKeys      Basis = "keys of MP_CAPABLE"
	ByPayload   Basis = "payload" // weak
)

// Weak reports whether the match may be an accident, or of a proxy's two
// connections.
func (b Basis) Weak() bool { return b == ByPayload }

// sighting is where something that identifies a flow was seen.
type sighting struct {
	flow     *flow
	way      int
	seq, ack uint32
	at       int64
	twice    bool // in another flow of this capture, too: it identifies none
}

// fact is what may identify a flow in the other capture.
type fact struct {
	basis   Basis
	tuple   tuple
	numbers [5]uint64
}

// factsAtMost are published of a flow.
const factsAtMost = 24

// identity is what is known of a flow as a part of a connection.
type identity struct {
	join     bool
	token    wire.Token // of MP_JOIN, or of the key
	hasToken bool
	version  wire.Version
}

// facts calls publish with what a segment of a flow may be recognized by.
func facts(s *trace.Segment, way int, t *tuple, publish func(fact)) {
	seq, ack, w := uint64(s.Seq), uint64(s.Ack), uint64(way)
	value, echo, stamps := timestamps(s.Options)
	switch s.Flags & (trace.SYN | trace.ACK | trace.RST) {
	case trace.SYN:
		publish(fact{basis: ByAddresses, tuple: *t, numbers: [5]uint64{seq, w}})
		if stamps {
			publish(fact{basis: ByStamps, numbers: [5]uint64{seq, uint64(value), 1}})
		}
	case trace.SYN | trace.ACK:
		publish(fact{basis: ByAddresses, tuple: *t, numbers: [5]uint64{seq, w}})
		publish(fact{basis: ByNumbers, numbers: [5]uint64{seq, ack}})
	case trace.ACK:
		if stamps {
			publish(fact{basis: ByStamps, numbers: [5]uint64{seq, ack, uint64(value), uint64(echo), 2}})
		} else {
			publish(fact{basis: ByAddresses, tuple: *t, numbers: [5]uint64{seq, ack, w}})
		}
	}
	for option, rest, err := wire.Next(s.Options); option != nil && err == nil; option, rest, err = wire.Next(rest) {
		optionFacts(option, publish)
	}
}

func optionFacts(option wire.Option, publish func(fact)) {
	switch option.Subtype() {
	case wire.SubtypeMPCapable:
		var m wire.MPCapable
		if wire.ParseMPCapable(option, &m) == nil && m.HasSenderKey {
			publish(fact{basis: ByKeys, numbers: [5]uint64{uint64(m.SenderKey)}})
		}
	case wire.SubtypeMPJoin:
		var j wire.MPJoin
		if wire.ParseMPJoin(option, &j) == nil && j.Form == wire.JoinSYN {
			publish(fact{basis: ByNonces, numbers: [5]uint64{uint64(j.Token), uint64(j.Nonce)}})
		}
	}
}

// learn notes which connection a flow belongs to.
func (i *identity) learn(options []byte) (mptcp bool) {
	for option, rest, err := wire.Next(options); option != nil && err == nil; option, rest, err = wire.Next(rest) {
		mptcp = true
		switch option.Subtype() {
		case wire.SubtypeMPCapable:
			var m wire.MPCapable
			if wire.ParseMPCapable(option, &m) == nil && m.HasReceiverKey && !i.hasToken {
				i.version, i.token, i.hasToken = m.Version, m.Version.Token(m.ReceiverKey), true
			}
		case wire.SubtypeMPJoin:
			var j wire.MPJoin
			if wire.ParseMPJoin(option, &j) == nil {
				i.join = true
				if j.Form == wire.JoinSYN {
					i.token, i.hasToken = j.Token, true
				}
			}
		}
	}
	return mptcp
}

// publish puts a fact into the capture's index, and looks for it in the other's.
func (c *comparison) publish(f *flow, way int, s *trace.Segment, what fact) (other sighting, found bool) {
	key := maphash.Comparable(c.seed, what)
	here := sighting{flow: f, way: way, seq: s.Seq, ack: s.Ack, at: s.Time}
	if before, known := f.tap.index[key]; known {
		if before.flow == f {
			before = here // of the SYNs, the last one is the likeliest to have arrived
		} else {
			before.twice = true
		}
		f.tap.index[key] = before
	} else if len(f.published) < factsAtMost {
		f.tap.index[key] = here
		f.published = append(f.published, key)
	}
	other, found = c.taps[1-f.tap.number].index[key]
	return other, found && !other.twice && other.flow.pair == nil
}
