package summary

import (
	"fmt"
	"strings"

	"allroads/trace"
)

// totals are of all connections, listed or not.
type totals struct {
	multipath, plain   uint64 // connections
	kinds              map[trace.Kind]uint64
	verdicts           map[verdict]uint64
	seen, made, used   uint64 // subflows
	unclear            uint64 // of which it is not known whether they were established
	toServer, toClient uint64 // bytes of the data streams, or of TCP where they fell back
	reinjected         uint64 // bytes
	retransmitted      uint64
}

func (t *totals) add(c *trace.Connection) {
	if t.kinds == nil {
		t.kinds, t.verdicts = map[trace.Kind]uint64{}, map[verdict]uint64{}
	}
	if !c.Multipath {
		t.plain++
		return
	}
	t.multipath++
	t.kinds[c.Conclusion.Kind]++
	t.verdicts[judged(c)]++
	t.seen += uint64(len(c.Subflows)) + c.Futile
	t.used += uint64(c.Conclusion.Paths)
	toServer, toClient := moved(c)
	t.toServer += toServer
	t.toClient += toClient
	for i := range c.Subflows {
		f := &c.Subflows[i]
		switch {
		case f.Established:
			t.made++
		case f.Outcome == trace.OutcomeUnknown:
			t.unclear++
		}
		t.reinjected += reinjected(f)
		t.retransmitted += f.ToServer.Retransmitted + f.ToClient.Retransmitted
	}
}

// kindsInOrder is the order in which they are told.
var kindsInOrder = [...]trace.Kind{trace.KindMultipath, trace.KindSinglePath, trace.KindFallback, trace.KindNoData, trace.KindUnanswered}

func (t *totals) connections() string {
	text := count(t.multipath, "MPTCP connection")
	var parts []string
	for _, kind := range kindsInOrder {
		if n := t.kinds[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kindText(kind)))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if t.plain > 0 {
		text += "; " + count(t.plain, "plain TCP connection")
	}
	return text
}

func (t *totals) data() string {
	text := fmt.Sprintf("%d seen, %d established, ", t.seen, t.made)
	if t.unclear > 0 {
		text += fmt.Sprintf("%d whose start was not captured, ", t.unclear)
	}
	text += fmt.Sprintf("%d used; %s to servers, %s to clients", t.used, bytesText(t.toServer), bytesText(t.toClient))
	if t.reinjected > 0 {
		text += ", " + bytesText(t.reinjected) + " reinjected"
	}
	if t.retransmitted > 0 {
		text += ", " + bytesText(t.retransmitted) + " retransmitted by TCP"
	}
	return text
}

func (t *totals) write(p *page) {
	p.field(0, "Connections", t.connections())
	if t.multipath > 0 {
		p.field(0, "Subflows", t.data())
	}
}
