package trace

import (
	"fmt"
	"strings"

	"allroads/wire"
)

// Check is one thing that was held against the packets.
type Check struct {
	Name   string `json:"name"` // see the documentation of the JSON
	Status Status `json:"status"`
	Detail string `json:"detail"` // what was compared, or what is wrong
}

// Status is the outcome of a check.
type Status string

// The outcomes. Unknown means that the packets do not tell.
const (
	OK      Status = "ok"
	Bad     Status = "bad"
	Unknown Status = "unknown"
)

// verdictOf makes a check that is bad when something is wrong, else ok.
func verdictOf(name string, wrong []string, right string) Check {
	if len(wrong) > 0 {
		return Check{name, Bad, strings.Join(wrong, "; ")}
	}
	return Check{name, OK, right}
}

// checks of a connection as a whole.
func (c *connection) checks() []Check {
	checks := []Check{c.versionCheck(), c.keysCheck()}
	for _, from := range []side{client, server} {
		checks = append(checks, c.startCheck(from), c.mappingCheck(from), c.ackCheck(from), c.finCheck(from))
	}
	if c.checksum {
		checks = append(checks, c.checksumCheck())
	}
	if c.fallback != "" {
		checks = append(checks, Check{"multipath", Bad, "fell back to TCP: " + c.fallback})
	}
	if c.failed != "" {
		checks = append(checks, Check{"data", Bad, "spoilt on the way: " + c.failed})
	}
	if c.aborted != "" {
		checks = append(checks, Check{"close", Bad, "cut short: " + c.aborted})
	}
	return checks
}

func (c *connection) versionCheck() Check {
	algorithm := map[wire.Version]string{wire.V0: "HMAC-SHA1", wire.V1: "HMAC-SHA256"}[c.version]
	return verdictOf("version", c.versions, fmt.Sprintf("MPTCP %v with %s, as every packet of the handshake says", c.version, algorithm))
}

func (c *connection) keysCheck() Check {
	var wrong, missing []string
	for _, of := range []side{client, server} {
		switch state := c.keys[of]; {
		case !state.known:
			missing = append(missing, "the "+of.String()+"'s key was not seen")
		case state.conflict != "":
			wrong = append(wrong, "the "+of.String()+"'s key is "+state.conflict)
		}
	}
	if len(wrong) == 0 && len(missing) > 0 {
		return Check{"keys", Unknown, strings.Join(missing, "; ")}
	}
	return verdictOf("keys", wrong, "both keys are the same in every packet that has them")
}

// toward names a check of one side's data.
func toward(name string, from side) string { return name + "_to_" + from.other().String() }

func (c *connection) startCheck(from side) Check {
	stream := &c.streams[from]
	name := toward("idsn", from)
	switch {
	case !stream.known:
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	case stream.start == startWrong:
		return Check{name, Bad, "the " + from.String() + "'s first data sequence number: " + stream.startBad}
	case stream.start == startUnseen:
		return Check{name, Unknown, "no data sequence number of the " + from.String() + " was seen in full"}
	}
	return Check{name, OK, fmt.Sprintf("the %s's data begins at %d, from its key", from, stream.base)}
}

func (c *connection) mappingCheck(from side) Check {
	name, stream := toward("mapping", from), &c.streams[from]
	if !stream.known {
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	}
	var wrong []string
	note := func(format string, args ...any) {
		if len(wrong) < maxDetails {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	for _, flow := range c.subflows {
		half := flow.half(from)
		for _, conflict := range half.conflicts {
			note("subflow %d: %s", flow.id, conflict)
		}
		half.unseen(func(lo, hi uint64) {
			note("subflow %d: %d bytes from subflow byte %d were sent but not captured", flow.id, hi-lo, lo)
		})
		for _, r := range half.missing {
			note("subflow %d: %d bytes from subflow byte %d have no mapping", flow.id, r.hi-r.lo, r.lo)
		}
		for _, r := range half.mapped {
			half.seen.gaps(r.lo, r.hi, func(lo, hi uint64) {
				note("subflow %d: %d bytes from subflow byte %s are mapped but were not sent", flow.id, hi-lo, offsetText(lo))
			})
		}
	}
	stream.holes(note)
	return verdictOf(name, wrong, fmt.Sprintf("each of the %s's %d bytes is mapped to one place%s",
		from, stream.report().Bytes, c.repeats(from)))
}

// holes notes what is wrong with the bytes of a stream as a whole.
func (s *stream) holes(note func(format string, args ...any)) {
	end := s.covered.end()
	if s.ended {
		end = s.finAt
	}
	if int64(end) < 0 {
		note("the data ends at stream offset %s", offsetText(end))
		return
	}
	s.covered.gaps(0, end, func(lo, hi uint64) {
		note("%d bytes from stream offset %s were not seen", hi-lo, offsetText(lo))
	})
	if s.ended && s.covered.end() > s.finAt {
		note("data reaches stream offset %s, behind the DATA_FIN at %s",
			offsetText(s.covered.end()), offsetText(s.finAt))
	}
}

// repeats names what was carried more than once.
func (c *connection) repeats(from side) string {
	var retransmitted, reinjected uint64
	for _, flow := range c.subflows {
		half := flow.half(from)
		retransmitted += half.retransmitted
		reinjected += half.reinjected
	}
	if retransmitted+reinjected == 0 {
		return ", none sent twice"
	}
	return fmt.Sprintf("; %d bytes retransmitted by TCP, %d reinjected", retransmitted, reinjected)
}

func (c *connection) ackCheck(from side) Check {
	name, stream := toward("data_ack", from), &c.streams[from]
	switch {
	case !stream.known:
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	case stream.overAck != "":
		return Check{name, Bad, stream.overAck}
	case !stream.ended:
		return Check{name, Unknown, "the " + from.String() + "'s data had not ended"}
	case stream.acked != stream.finAt+1:
		return Check{name, Bad, fmt.Sprintf("the %s has acknowledged %d of %d bytes and the DATA_FIN",
			from.other(), min(stream.acked, stream.finAt), stream.finAt)}
	}
	return Check{name, OK, fmt.Sprintf("the %s has acknowledged all of it", from.other())}
}

func (c *connection) finCheck(from side) Check {
	name, stream := toward("data_fin", from), &c.streams[from]
	switch {
	case stream.finClash != "":
		return Check{name, Bad, stream.finClash}
	case !stream.ended:
		return Check{name, Bad, "no DATA_FIN of the " + from.String() + " was seen"}
	}
	return Check{name, OK, fmt.Sprintf("the %s ended its data after %d bytes", from, stream.finAt)}
}

func (c *connection) checksumCheck() Check {
	var sum checksumCount
	for _, flow := range c.subflows {
		for d := range flow.halves {
			count := flow.halves[d].checksumCount()
			sum.ok, sum.bad = sum.ok+count.ok, sum.bad+count.bad
			sum.unchecked, sum.absent = sum.unchecked+count.unchecked, sum.absent+count.absent
		}
	}
	detail := fmt.Sprintf("%d right, %d wrong, %d absent, %d not checked for want of payload",
		sum.ok, sum.bad, sum.absent, sum.unchecked)
	switch {
	case sum.bad > 0 || sum.absent > 0:
		return Check{"checksum", Bad, detail}
	case sum.unchecked > 0:
		return Check{"checksum", Unknown, detail}
	}
	return Check{"checksum", OK, detail}
}

// half is the direction of the subflow in which a side sends.
func (f *subflow) half(from side) *half {
	if f.opener == from {
		return &f.halves[fromOpener]
	}
	return &f.halves[fromOther]
}

// checks of a subflow.
func (f *subflow) checks() []Check {
	checks := []Check{f.handshakeCheck()}
	if !f.initial {
		checks = append(checks, f.tokenCheck(),
			hmacCheck("hmac_syn_ack", f.join.hasSynAck, f.join.canSynAck, f.join.synAck.HMAC[:8], f.join.synAckHMAC[:8]),
			hmacCheck("hmac_ack", f.join.hasAck, f.join.canAckMAC, f.join.ack.HMAC[:], f.join.ackHMAC[:]))
	}
	if len(f.faults) > 0 {
		checks = append(checks, verdictOf("options", f.faults, ""))
	}
	if f.reset != "" {
		checks = append(checks, Check{"reset", Bad, f.reset})
	}
	return checks
}

func (f *subflow) handshakeCheck() Check {
	var missing []string
	for i, name := range []string{"SYN", "SYN/ACK", "ACK"} {
		if !f.handshake[i] {
			missing = append(missing, "no "+name+" with "+f.handshakeOption().String())
		}
	}
	return verdictOf("handshake", missing, "SYN, SYN/ACK and ACK with "+f.handshakeOption().String())
}

func (f *subflow) handshakeOption() wire.Subtype {
	if f.initial {
		return wire.SubtypeMPCapable
	}
	return wire.SubtypeMPJoin
}

func (f *subflow) tokenCheck() Check {
	key := f.conn.keys[f.opener.other()]
	want := f.conn.version.Token(key.key)
	if got := f.join.syn.Token; got != want {
		return Check{"token", Bad, fmt.Sprintf("0x%v is in the SYN, the %s's key gives 0x%v", got, f.opener.other(), want)}
	}
	return Check{"token", OK, fmt.Sprintf("0x%v, from the %s's key", want, f.opener.other())}
}

func hmacCheck(name string, seen, can bool, got, want []byte) Check {
	switch {
	case !seen:
		return Check{name, Unknown, "the packet that has it was not seen"}
	case !can:
		return Check{name, Unknown, "a key or nonce that it is made of was not seen"}
	case string(got) != string(want):
		return Check{name, Bad, fmt.Sprintf("0x%x is in the packet, the keys and nonces give 0x%x", got, want)}
	}
	return Check{name, OK, fmt.Sprintf("0x%x, from both keys and nonces", want)}
}
