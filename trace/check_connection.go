package trace

import (
	"fmt"
	"strings"

	"allroads/wire"
)

// checks of a connection as a whole, added to a list.
func (c *connection) checks(checks []Check) []Check {
	checks = append(checks, c.versionCheck(), c.keysCheck())
	for _, from := range []side{client, server} {
		checks = append(checks, c.startCheck(from), c.mappingCheck(from), c.ackCheck(from), c.finCheck(from))
	}
	if count := c.checksumCount(); c.checksum || count.ok+count.bad > 0 {
		checks = append(checks, c.checksumCheck(count))
	}
	if fallback := c.taken(); fallback != nil {
		checks = append(checks, Check{"multipath", Bad, "fell back to TCP: " + fallback.String()})
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
	if c.inferred != "" {
		return Check{"version", Unknown, notCaptured}
	}
	if c.brief { // What is given to say would be allocated.
		return checkOf("version", c.versions, "")
	}
	algorithm := "HMAC-SHA256"
	if c.version == wire.V0 {
		algorithm = "HMAC-SHA1"
	}
	return checkOf("version", c.versions, c.say("MPTCP %v with %s, as every packet of the handshake says", c.version, algorithm))
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
	return checkOf("keys", wrong, "both keys are the same in every packet that has them")
}

// say gives what is right in words, unless nobody wants to read it.
func (c *connection) say(format string, args ...any) string {
	if c.brief {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// The names of the checks of one side's data, by the side that sends it.
var (
	idsnCheck     = [2]string{client: "idsn_to_server", server: "idsn_to_client"}
	mappingsCheck = [2]string{client: "mapping_to_server", server: "mapping_to_client"}
	dataAckCheck  = [2]string{client: "data_ack_to_server", server: "data_ack_to_client"}
	dataFINCheck  = [2]string{client: "data_fin_to_server", server: "data_fin_to_client"}
)

func (c *connection) startCheck(from side) Check {
	stream := &c.streams[from]
	name := idsnCheck[from]
	switch {
	case c.inferred != "":
		return Check{name, Unknown, notCaptured}
	case !stream.known:
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	case stream.start == startWrong:
		return Check{name, Bad, "the " + from.String() + "'s first data sequence number: " + stream.startBad}
	case stream.start == startUnseen:
		return Check{name, Unknown, "no data sequence number of the " + from.String() + " was seen in full"}
	}
	if c.brief {
		return Check{name, OK, ""}
	}
	return Check{name, OK, c.say("the %s's data begins at %d, from its key", from, stream.base)}
}

func (c *connection) mappingCheck(from side) Check {
	name, stream := mappingsCheck[from], &c.streams[from]
	if !stream.known {
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	}
	if doubt := c.doubt(from); doubt != "" {
		return Check{name, Unknown, doubt}
	}
	var wrong []string
	note := func(format string, args ...any) {
		if len(wrong) < maxDetails {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	late := 0
	for _, flow := range c.subflows {
		flow.half(from).objections(stream, func(format string, args ...any) {
			note("subflow %d: "+format, append([]any{flow.id}, args...)...)
		})
		late += flow.half(from).late
	}
	stream.holes(note)
	if len(wrong) == 0 && late > 0 {
		return Check{name, Unknown, fmt.Sprintf("%d mappings came too late to be compared with earlier ones", late)}
	}
	if c.brief {
		return checkOf(name, wrong, "")
	}
	return checkOf(name, wrong, c.say("each of the %s's %d bytes is mapped to one place%s",
		from, stream.covered.count(), c.repeats(from)))
}

// objections notes what is wrong with a direction of a subflow by itself.
func (h *half) objections(stream *stream, note func(format string, args ...any)) {
	for _, conflict := range h.conflicts {
		note("%s", conflict)
	}
	h.unseen(func(lo, hi uint64) {
		note("%d bytes from subflow byte %d were sent but not captured", hi-lo, lo)
	})
	if h.fin && h.seen.end() > h.finAt {
		note("%d bytes are behind the FIN at subflow byte %s", h.seen.end()-h.finAt, offsetText(h.finAt))
	}
	for _, r := range h.missing {
		note("%d bytes from subflow byte %d have no mapping", r.hi-r.lo, r.lo)
	}
	for _, m := range h.maps.list() {
		h.seen.gaps(m.ssn, m.end(), func(lo, hi uint64) {
			if !h.givenUp(lo, stream, m.at(lo), m.at(hi)) {
				note("%d bytes from subflow byte %s are mapped but were not sent", hi-lo, offsetText(lo))
			}
		})
	}
}

// givenUp reports whether mapped bytes were rightly not sent: they come next on
// a subflow that did not end in order, and the other side has them from another.
func (h *half) givenUp(at uint64, stream *stream, lo, hi uint64) bool {
	elsewhere := true
	stream.covered.gaps(lo, hi, func(lo, hi uint64) { elsewhere = false })
	return !h.fin && at == h.seen.end() && elsewhere
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

// notCaptured is why what was inferred cannot be checked.
const notCaptured = "the start of the connection was not captured"

// doubt says why it cannot be told whether all bytes of a side are in their place, ""
// when it can, or when something is wrong whatever is missing.
func (c *connection) doubt(from side) string {
	fragments := 0
	for _, flow := range c.subflows {
		if len(flow.half(from).conflicts) > 0 {
			return ""
		}
		fragments += flow.half(from).fragments
	}
	switch {
	case c.inferred != "":
		return notCaptured
	case fragments > 0:
		return plural(fragments, "segment") + " went on in other fragments, which are not followed"
	}
	return ""
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
	name, stream := dataAckCheck[from], &c.streams[from]
	switch {
	case c.inferred != "":
		return Check{name, Unknown, notCaptured}
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
	return Check{name, OK, c.say("the %s has acknowledged all of it", from.other())}
}

func (c *connection) finCheck(from side) Check {
	name, stream := dataFINCheck[from], &c.streams[from]
	switch {
	case stream.finClash != "":
		return Check{name, Bad, stream.finClash}
	case c.inferred != "":
		return Check{name, Unknown, notCaptured}
	case !stream.ended:
		return Check{name, Bad, "no DATA_FIN of the " + from.String() + " was seen"}
	}
	if c.brief {
		return Check{name, OK, ""}
	}
	return Check{name, OK, c.say("the %s ended its data after %d bytes", from, stream.finAt)}
}

func (c *connection) checksumCount() (sum checksumCount) {
	for _, flow := range c.subflows {
		for d := range flow.halves {
			count := flow.halves[d].checksumCount()
			sum.ok, sum.bad = sum.ok+count.ok, sum.bad+count.bad
			sum.unchecked, sum.absent = sum.unchecked+count.unchecked, sum.absent+count.absent
		}
	}
	return sum
}

func (c *connection) checksumCheck(sum checksumCount) Check {
	detail := fmt.Sprintf("%d right, %d wrong, %d absent, %d not checked for want of payload",
		sum.ok, sum.bad, sum.absent, sum.unchecked)
	switch {
	case sum.bad > 0 || c.checksum && sum.absent > 0:
		return Check{"checksum", Bad, detail}
	case sum.unchecked > 0:
		return Check{"checksum", Unknown, detail}
	}
	return Check{"checksum", OK, detail}
}
