package summary

import (
	"slices"
	"strconv"

	"allroads/trace"
)

// Columns are in the order in which they are written: those of the connection, of the
// subflow, of the connection's data in the row's direction, and of what the subflow
// carried in that direction. Others may come behind them in later versions; those that
// are here keep their names, order and meaning.
func Columns() []Column {
	return slices.Concat(connectionColumns, subflowColumns, streamColumns, carriedColumns)
}

func integer[N int | uint8 | uint64 | int64](n N) string {
	if n < 0 {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(uint64(n), 10)
}

// unlessZero is empty for 0, which stands for unknown.
func unlessZero[N ~int | ~int64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

func tokenText(t trace.KnownToken) string {
	if !t.Known {
		return ""
	}
	return t.Token.String()
}

// only gives a number where there is something to count.
func only(known bool, n uint64) string {
	if !known {
		return ""
	}
	return integer(n)
}

var connectionColumns = []Column{
	{"connection", "number of the connection, from 1", func(r *csvRow) string { return integer(r.connection.ID) }},
	{"version", "of MPTCP, 0 or 1", func(r *csvRow) string {
		if r.connection.Version == nil {
			return ""
		}
		return integer(uint8(*r.connection.Version))
	}},
	{"token_client", "token of the client's key, eight hexadecimal digits", func(r *csvRow) string { return tokenText(r.connection.Tokens.Client) }},
	{"token_server", "token of the server's key", func(r *csvRow) string { return tokenText(r.connection.Tokens.Server) }},
	{"kind", "`multipath`, `single_path`, `no_data`, `fallback`, `not_established` or `tcp`", func(r *csvRow) string { return string(r.connection.Conclusion.Kind) }},
	{"inferred", "how its subflows were found to be of one connection when its start was not captured", func(r *csvRow) string { return string(r.connection.Inferred) }},
	{"proven", "`true` when the packets prove that several paths carried its data unharmed, else `false`", func(r *csvRow) string { return strconv.FormatBool(r.connection.Verdict.Proven) }},
	{"bad_checks", "checks of the connection and its subflows that are bad", func(r *csvRow) string { n, _ := tally(r.connection); return integer(n) }},
	{"unknown_checks", "checks that the packets do not decide", func(r *csvRow) string { _, n := tally(r.connection); return integer(n) }},
	{"paths", "subflows that carried new data", func(r *csvRow) string { return integer(r.connection.Conclusion.Paths) }},
	{"fallback", "cause of its fallback to TCP, empty when none was seen", func(r *csvRow) string {
		if r.connection.Fallback == nil {
			return ""
		}
		return string(r.connection.Fallback.Cause)
	}},
	{"fallback_packet", "number of the packet that shows it", func(r *csvRow) string {
		if r.connection.Fallback == nil {
			return ""
		}
		return integer(r.connection.Fallback.Packet)
	}},
	{"aborted", "how it was cut short, when it was", func(r *csvRow) string { return r.connection.Aborted }},
	{"opened_ns", "time of its first packet, nanoseconds since 1970 UTC", func(r *csvRow) string { return integer(r.connection.Opened) }},
	{"last_ns", "time of its last packet", func(r *csvRow) string { return integer(r.connection.Last) }},
	{"establishment_ns", "from the SYN to the third packet of the handshake, nanoseconds", func(r *csvRow) string { return unlessZero(r.connection.Establishment) }},
	{"second_subflow_ns", "from that SYN until another subflow was established", func(r *csvRow) string { return unlessZero(r.connection.SecondSubflow) }},
	{"handover_ns", "how long data waited in its longest handover, empty when none was seen", func(r *csvRow) string {
		if r.connection.Conclusion.Handover == nil {
			return ""
		}
		return integer(r.connection.Conclusion.Handover.Duration)
	}},
}

var streamColumns = []Column{
	{"direction", "`to_server` or `to_client`: what the columns from here on are about", func(r *csvRow) string { return r.direction }},
	{"stream_bytes", "of data, each counted once", func(r *csvRow) string { return integer(r.stream.Bytes) }},
	{"stream_unseen", "bytes that were acknowledged though they were not captured", func(r *csvRow) string { return integer(r.stream.Unseen) }},
	{"stream_goodput_bps", "of `stream_bytes`, bits per second", func(r *csvRow) string { return unlessZero(r.stream.Goodput) }},
	{"stream_reordered_packets", "that brought data behind data that had not come yet", func(r *csvRow) string { return integer(r.stream.Reordering.Packets) }},
	{"stream_buffer", "the most bytes that waited at once for data in front of them", func(r *csvRow) string { return integer(r.stream.Reordering.Buffer) }},
	{"stream_stall_ns", "the longest time in which data was on its way and nothing of it was acknowledged", func(r *csvRow) string { return integer(r.stream.Stall.Duration) }},
	{"stream_window_limited_ns", "for how long the receiver's window left no room for another segment", func(r *csvRow) string {
		if !r.stream.Window.Known {
			return ""
		}
		return integer(r.stream.Window.Limited)
	}},
}
