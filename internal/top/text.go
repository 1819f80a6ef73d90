package top

import (
	"fmt"
	"strconv"
	"time"

	"allroads/internal/live"
	"allroads/mptcp"
)

func hexadecimal(token uint32) string { return fmt.Sprintf("%08x", token) }

// rateText gives bytes per second as bits per second in six columns: "187.3M".
func rateText(rate *float64) string {
	if rate == nil {
		return "?"
	}
	return scaled(*rate * 8)
}

func bytesText(n uint64) string { return scaled(float64(n)) }

// scaled is a number with a decimal unit, of no more than six characters.
func scaled(n float64) string {
	units := "\x00kMGTPE"
	for i := range len(units) {
		if n < 999.95 || i == len(units)-1 {
			if i == 0 {
				return fmt.Sprintf("%.0f", n)
			}
			return fmt.Sprintf("%.1f%c", n, units[i])
		}
		n /= 1000
	}
	return ""
}

// shortStates are TCP's states in six characters.
var shortStates = [...]string{
	mptcp.StateEstablished: "ESTAB", mptcp.StateSynSent: "SYNSNT", mptcp.StateSynRecv: "SYNRCV",
	mptcp.StateFinWait1: "FINWT1", mptcp.StateFinWait2: "FINWT2", mptcp.StateTimeWait: "TIMEWT",
	mptcp.StateClose: "CLOSED", mptcp.StateCloseWait: "CLOSWT", mptcp.StateLastAck: "LASTAC",
	mptcp.StateListen: "LISTEN", mptcp.StateClosing: "CLOSNG", mptcp.StateNewSynRecv: "SYNREQ",
	mptcp.StateBoundInactive: "BOUND",
}

func shortState(s mptcp.TCPState) string {
	if int(s) < len(shortStates) && shortStates[s] != "" {
		return shortStates[s]
	}
	return strconv.Itoa(int(s))
}

// unknownIdle is longer than anything.
const unknownIdle = time.Duration(1<<63 - 1)

// idle is how long ago data came or went.
func idle(c *live.Connection) time.Duration {
	if c.Info.Idle == nil {
		return unknownIdle
	}
	return min(c.Info.Idle.DataSent, c.Info.Idle.DataReceived)
}

func idleText(c *live.Connection) string {
	if c.Info.Idle == nil {
		return "?"
	}
	return ago(idle(c))
}

// ago is a time in no more than five characters.
func ago(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < 100*time.Second:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < 100*time.Minute:
		return fmt.Sprintf("%.0fm", d.Minutes())
	case d < 100*time.Hour:
		return fmt.Sprintf("%.0fh", d.Hours())
	}
	return fmt.Sprintf("%.0fd", d.Hours()/24)
}

func rttText(d time.Duration) string {
	switch {
	case d == 0:
		return "?"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// shorten leaves a part of a text away if it is longer than a width, more of its
// beginning than of its end, where addresses differ.
func shorten(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	if width < 2 {
		return string(runes[:max(width, 0)])
	}
	tail := width * 2 / 3
	return string(runes[:width-tail-1]) + "…" + string(runes[len(runes)-tail:])
}
