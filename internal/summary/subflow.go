package summary

import (
	"fmt"

	"allroads/trace"
)

// subflow writes what is known of one.
func (p *page) subflow(c *trace.Connection, f *trace.Subflow) {
	p.blank()
	p.wrapped(2, p.paint(bold, fmt.Sprintf("Subflow %d", f.ID))+":", fmt.Sprintf("%v %s %v, %s", f.Client, p.arrow(), f.Server, p.stateOf(f)))
	p.field(2, "opened", openedText(c, f))
	p.field(2, "handshake", handshakeText(f))
	if c.Multipath {
		p.field(2, "verified", verifiedText(f))
		p.field(2, "backup", fmt.Sprintf("when opened %s; asked for last by the client %s, by the server %s",
			asked(f, f.Backup), asked(f, f.ClientBackup), asked(f, f.ServerBackup)))
	}
	p.field(2, "ended", endedText(c, f))
	p.field(2, "idle", fmt.Sprintf("%s at most, from %s; last packet at %s", took(f.Idle.Duration), since(c.Opened, f.Idle.At), since(c.Opened, f.Last)))
	p.carried(c, "to server", &f.ToServer)
	p.carried(c, "to client", &f.ToClient)
	p.checks(2, f.Checks)
}

func (p *page) stateOf(f *trace.Subflow) string {
	if f.Established || f.Outcome == trace.OutcomeTCP {
		return stateText(f)
	}
	return p.paint(yellow, stateText(f))
}

// asked is whether a subflow is to be a backup. Without its handshake only a later
// word about it can be known.
func asked(f *trace.Subflow, yes bool) string {
	if f.Outcome == trace.OutcomeUnknown && !yes {
		return unknown
	}
	return yesNo(yes)
}

func openedText(c *trace.Connection, f *trace.Subflow) string {
	text := fmt.Sprintf("by the %s at %s", f.OpenedBy, since(c.Opened, f.Opened))
	if f.Outcome == trace.OutcomeUnknown {
		text = unknown + ", first packet at " + since(c.Opened, f.Opened)
	}
	if f.Path != "" {
		text += ", captured on " + printable(f.Path)
	}
	if f.Initial || !c.Multipath || f.Outcome == trace.OutcomeUnknown {
		return text
	}
	return text + fmt.Sprintf(", address ids %d of the client, %d of the server", f.ClientID, f.ServerID)
}

func handshakeText(f *trace.Subflow) string {
	text := map[trace.Outcome]string{
		trace.OutcomeEstablished: "established",
		trace.OutcomeRefused:     "reset before it was complete",
		trace.OutcomeNoAnswer:    "no answer",
		trace.OutcomePlain:       "answered without MPTCP",
		trace.OutcomeNoACK:       "never confirmed by a third packet with MPTCP",
		trace.OutcomeUnknown:     "not captured from its SYN on",
		trace.OutcomeTCP:         "established, plain TCP",
	}[f.Outcome]
	if f.Established || f.Outcome == trace.OutcomeTCP {
		text += " in " + tookIf(int64(f.Establishment))
	}
	if f.SYNs == 0 {
		return text
	}
	return text + ", " + count(f.SYNs, "SYN")
}

func verifiedText(f *trace.Subflow) string {
	switch {
	case f.Verified == nil:
		return unknown
	case *f.Verified:
		return "by keys, tokens and HMACs it is of this connection"
	}
	return "keys, tokens or HMACs do not fit this connection"
}

func endedText(c *trace.Connection, f *trace.Subflow) string {
	if f.Ended == "" {
		return "its end was not seen"
	}
	text := stateText(f) + " at " + since(c.Opened, f.EndedAt)
	if f.Reset != "" {
		text += ", reset by the " + f.ResetBy + ": " + printable(f.Reset)
	}
	return text
}

// carried writes what a subflow did in one direction.
func (p *page) carried(c *trace.Connection, label string, d *trace.Carried) {
	if d.First == 0 {
		p.field(2, label, "no payload; RTT "+rttText(&d.RTT))
		return
	}
	p.field(2, label, fmt.Sprintf("%d bytes of the stream, payload %d, acknowledged %d; goodput %s, throughput %s; from %s to %s",
		d.Bytes, d.Payload, d.Acknowledged, rateText(d.Goodput), rateText(d.Throughput), since(c.Opened, d.First), since(c.Opened, d.Last)))
	p.field(2, "", fmt.Sprintf("RTT %s", rttText(&d.RTT)))
	p.field(2, "", fmt.Sprintf("loss %s: %d of %s sent again by TCP, %s",
		percent(d.Resent, d.Segments), d.Resent, count(d.Segments, "segment"), bytesText(d.Retransmitted)))
	p.field(2, "", repeatsText(d))
	p.field(2, "", fmt.Sprintf("others waited %s for it; stale %s, %s in all, %s at most",
		took(d.WaitedFor), count(d.Stale.Count, "time"), took(d.Stale.Total), took(d.Stale.Longest)))
}

func rttText(r *trace.RTT) string {
	if r.Samples == 0 {
		return unknown + ", handshake " + tookIf(r.Handshake)
	}
	return fmt.Sprintf("%s on average, %s to %s, last %s, %s, handshake %s", took(r.Average), took(r.Min), took(r.Max),
		took(r.Last), count(r.Samples, "sample"), tookIf(r.Handshake))
}

func repeatsText(d *trace.Carried) string {
	if d.Reinjected == 0 {
		return "reinjected none"
	}
	r := &d.Repeats
	return fmt.Sprintf("reinjected %d: %d late from other subflows, %d redundant, %d of this subflow again, %d of unknown origin; %d useful, %d useless, %s late at most",
		d.Reinjected, r.Reinjected, r.Redundant, r.SameSubflow, r.Forgotten, r.Useful, r.Useless, took(r.Delay))
}
