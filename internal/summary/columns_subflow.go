package summary

import (
	"net/netip"
	"strconv"

	"allroads/trace"
)

func addressText(at netip.AddrPort) string { return at.Addr().String() }

// joined is for what only an MP_JOIN tells.
func joined(f *trace.Subflow, id uint8) string {
	if f.Outcome == trace.OutcomeTCP || f.Outcome == trace.OutcomeUnknown {
		return ""
	}
	return integer(id)
}

// told is for what only the handshake tells, unless something later does.
func told(f *trace.Subflow, text string, later bool) string {
	if f.Outcome == trace.OutcomeUnknown && !later {
		return ""
	}
	return text
}

var subflowColumns = []Column{
	{"subflow", "number of the subflow in its connection, from 1", func(r *csvRow) string { return integer(r.subflow.ID) }},
	{"interface", "where its SYN was captured", func(r *csvRow) string { return r.subflow.Path }},
	{"client_address", "the connection's client's, whoever opened the subflow", func(r *csvRow) string { return addressText(r.subflow.Client) }},
	{"client_port", "and its port", func(r *csvRow) string { return integer(uint64(r.subflow.Client.Port())) }},
	{"server_address", "the server's", func(r *csvRow) string { return addressText(r.subflow.Server) }},
	{"server_port", "and its port", func(r *csvRow) string { return integer(uint64(r.subflow.Server.Port())) }},
	{"client_address_id", "the client's, as in the MP_JOIN; 0 of the first subflow", func(r *csvRow) string { return joined(r.subflow, r.subflow.ClientID) }},
	{"server_address_id", "and the server's", func(r *csvRow) string { return joined(r.subflow, r.subflow.ServerID) }},
	{"initial", "`true` of the subflow that began the connection", func(r *csvRow) string {
		return told(r.subflow, strconv.FormatBool(r.subflow.Initial), r.subflow.Initial)
	}},
	{"opened_by", "`client` or `server`", func(r *csvRow) string { return told(r.subflow, r.subflow.OpenedBy, false) }},
	{"outcome", "of its handshake: `established`, `refused`, `no_answer`, `no_mptcp`, `no_ack`, `unknown` or `tcp`", func(r *csvRow) string { return string(r.subflow.Outcome) }},
	{"verified", "`true` when keys, tokens and HMACs show that it is of the connection, `false` when they do not fit", func(r *csvRow) string {
		if r.subflow.Verified == nil {
			return ""
		}
		return strconv.FormatBool(*r.subflow.Verified)
	}},
	{"client_backup", "`true` when the client asked last to use it as a backup only", func(r *csvRow) string {
		return told(r.subflow, strconv.FormatBool(r.subflow.ClientBackup), r.subflow.ClientBackup)
	}},
	{"server_backup", "`true` when the server did", func(r *csvRow) string {
		return told(r.subflow, strconv.FormatBool(r.subflow.ServerBackup), r.subflow.ServerBackup)
	}},
	{"syns", "how many times it was asked for", func(r *csvRow) string { return told(r.subflow, integer(r.subflow.SYNs), r.subflow.SYNs > 0) }},
	{"subflow_opened_ns", "time of its first packet", func(r *csvRow) string { return integer(r.subflow.Opened) }},
	{"subflow_last_ns", "time of its last packet", func(r *csvRow) string { return integer(r.subflow.Last) }},
	{"subflow_establishment_ns", "from its SYN to the third packet", func(r *csvRow) string { return unlessZero(r.subflow.Establishment) }},
	{"ended", "`fin`, `reset`, `replaced` or `evicted`; empty while it is open", func(r *csvRow) string { return string(r.subflow.Ended) }},
	{"reset", "why it was reset, when it was", func(r *csvRow) string { return r.subflow.Reset }},
	{"reset_by", "`client` or `server`", func(r *csvRow) string { return r.subflow.ResetBy }},
	{"idle_ns", "the longest time without any packet", func(r *csvRow) string { return integer(r.subflow.Idle.Duration) }},
}

var carriedColumns = []Column{
	{"bytes", "of the stream, which no subflow had carried before", func(r *csvRow) string { return integer(r.carried.Bytes) }},
	{"payload", "of TCP, each byte counted once", func(r *csvRow) string { return integer(r.carried.Payload) }},
	{"acknowledged", "payload that the other end has, by TCP's account", func(r *csvRow) string { return integer(r.carried.Acknowledged) }},
	{"segments", "with payload", func(r *csvRow) string { return integer(r.carried.Segments) }},
	{"resent", "of them, with payload that TCP sent again", func(r *csvRow) string { return integer(r.carried.Resent) }},
	{"retransmitted", "payload that TCP sent again", func(r *csvRow) string { return integer(r.carried.Retransmitted) }},
	{"reinjected", "bytes of the stream that had been carried before", func(r *csvRow) string { return integer(r.carried.Reinjected) }},
	{"reinjected_late", "of them, those that another subflow had carried longer ago than its shortest round trip", func(r *csvRow) string { return integer(r.carried.Repeats.Reinjected) }},
	{"reinjected_redundant", "that another had carried less long ago", func(r *csvRow) string { return integer(r.carried.Repeats.Redundant) }},
	{"reinjected_same_subflow", "that this subflow had carried itself", func(r *csvRow) string { return integer(r.carried.Repeats.SameSubflow) }},
	{"reinjected_useful", "that the other side did not have otherwise", func(r *csvRow) string { return integer(r.carried.Repeats.Useful) }},
	{"reinjected_useless", "that it had, or that had arrived already", func(r *csvRow) string { return integer(r.carried.Repeats.Useless) }},
	{"rtt_samples", "round trips of data that were measured", func(r *csvRow) string { return integer(r.carried.RTT.Samples) }},
	{"rtt_min_ns", "the shortest of them", func(r *csvRow) string { return only(r.carried.RTT.Samples > 0, uint64(r.carried.RTT.Min)) }},
	{"rtt_average_ns", "their average", func(r *csvRow) string { return only(r.carried.RTT.Samples > 0, uint64(r.carried.RTT.Average)) }},
	{"rtt_max_ns", "the longest", func(r *csvRow) string { return only(r.carried.RTT.Samples > 0, uint64(r.carried.RTT.Max)) }},
	{"rtt_handshake_ns", "that of the SYN or SYN/ACK", func(r *csvRow) string { return unlessZero(r.carried.RTT.Handshake) }},
	{"waited_for_ns", "how long data of other subflows waited for this one's", func(r *csvRow) string { return integer(r.carried.WaitedFor) }},
	{"stale", "how often payload had no acknowledgement for longer than a second and four round trips", func(r *csvRow) string { return integer(r.carried.Stale.Count) }},
	{"stale_ns", "for how long altogether", func(r *csvRow) string { return integer(r.carried.Stale.Total) }},
	{"first_payload_ns", "time of the first payload, empty when there was none", func(r *csvRow) string { return unlessZero(r.carried.First) }},
	{"last_payload_ns", "and of the last", func(r *csvRow) string { return unlessZero(r.carried.Last) }},
	{"goodput_bps", "of `bytes` between these times, bits per second", func(r *csvRow) string { return unlessZero(r.carried.Goodput) }},
	{"throughput_bps", "of payload with what was sent again", func(r *csvRow) string { return unlessZero(r.carried.Throughput) }},
}
