package pathtest_test

import (
	"fmt"
	"net/netip"
	"sync"

	"allroads/trace"
	"allroads/wire"
)

// ends are those of a TCP connection: the sender of a packet, and who gets it.
type ends struct{ from, to netip.AddrPort }

// join is a subflow that the host, or its peer, asked for: a SYN with MP_JOIN. One that
// was sent again is the same.
type join struct {
	ends
	at          int64 // nanoseconds since 1970, of the first SYN
	link        string
	token       wire.Token
	backup      bool
	id          uint8
	established bool // the third packet was seen
	tries       int  // SYNs
}

func (j join) String() string {
	text := fmt.Sprintf("%s %s > %s", j.link, j.from.Addr(), j.to)
	if j.backup {
		text += " backup"
	}
	return text
}

// note is an option that tells the peer something.
type note struct {
	ends
	at   int64
	link string
	what any // *wire.MPPrio, *wire.AddAddr, *wire.RemoveAddr or *wire.MPTCPRst
}

// wireLog is what was seen at a host's interfaces.
type wireLog struct {
	mutex sync.Mutex
	joins []*join
	byEnd map[ends]*join
	notes []note
	// acknowledged is when the first DATA_ACK of each connection's server came, by the
	// server's token.
	acknowledged map[wire.Token]int64
	tokens       map[ends]wire.Token // of initial subflows, from the server's side
	payload      []arrival
	keep         bool // payload
}

// arrival is payload that was seen.
type arrival struct {
	ends
	at    int64
	link  string
	bytes int
}

func newWireLog() *wireLog {
	return &wireLog{byEnd: map[ends]*join{}, acknowledged: map[wire.Token]int64{}, tokens: map[ends]wire.Token{}}
}

// take is what a recorder calls with each segment.
func (w *wireLog) take(s *trace.Segment, link string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	e := ends{s.Src, s.Dst}
	if w.keep && s.PayloadLen > 0 {
		w.payload = append(w.payload, arrival{e, s.Time, link, s.PayloadLen})
	}
	for rest := s.Options; ; {
		option, next, err := wire.Next(rest)
		if option == nil || err != nil {
			return
		}
		w.option(s, e, link, option)
		rest = next
	}
}

func (w *wireLog) option(s *trace.Segment, e ends, link string, option wire.Option) {
	what, err := option.Decode()
	if err != nil {
		return
	}
	switch o := what.(type) {
	case *wire.MPCapable:
		if s.Flags&(trace.SYN|trace.ACK) == trace.SYN|trace.ACK {
			w.tokens[e] = wire.V1.Token(o.SenderKey)
		}
	case *wire.DSS:
		if token, known := w.tokens[e]; known && o.HasAck && w.acknowledged[token] == 0 {
			w.acknowledged[token] = s.Time
		}
	case *wire.MPJoin:
		w.join(s, e, link, o)
	case *wire.MPPrio, *wire.AddAddr, *wire.RemoveAddr, *wire.MPTCPRst:
		w.notes = append(w.notes, note{e, s.Time, link, what})
	}
}

func (w *wireLog) join(s *trace.Segment, e ends, link string, o *wire.MPJoin) {
	known := w.byEnd[e]
	switch {
	case o.Form == wire.JoinACK && known != nil:
		known.established = true
	case o.Form == wire.JoinSYN && known != nil && !known.established:
		known.tries++
	case o.Form == wire.JoinSYN:
		j := &join{ends: e, at: s.Time, link: link, token: o.Token, backup: o.Backup, id: o.AddressID, tries: 1}
		w.joins, w.byEnd[e] = append(w.joins, j), j
	}
}

// asked are the subflows asked for until now.
func (w *wireLog) asked() (all []join) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, j := range w.joins {
		all = append(all, *j)
	}
	return all
}

// told are the options of a type that were seen until now.
func told[O any](w *wireLog) (all []note) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, n := range w.notes {
		if _, is := n.what.(O); is {
			all = append(all, n)
		}
	}
	return all
}
