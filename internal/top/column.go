package top

import (
	"cmp"
	"strconv"
	"strings"

	"allroads/internal/live"
)

// column is a property of a connection.
type column struct {
	title string
	width int  // 0: what others leave
	keep  int  // how important it is on a narrow screen; 0: never shown
	left  bool // aligned
	text  func(*live.Connection) string

	// compare is less than 0 where a comes before b: what is busier, or less in
	// alphabets.
	compare func(a, b *live.Connection) int
}

// Columns that others refer to.
const (
	spaceColumn   = 0
	byRate        = 4
	localColumn   = 9
	processColumn = 11
)

// columns are all there are, in their order on the screen.
var columns = [...]column{
	{"NETNS", 9, 6, true, func(c *live.Connection) string { return c.Space },
		func(a, b *live.Connection) int { return cmp.Compare(a.Space, b.Space) }},
	{"TOKEN", 8, 9, true, func(c *live.Connection) string { return token(c) },
		func(a, b *live.Connection) int { return cmp.Compare(a.Info.Token, b.Info.Token) }},
	{"STATE", 6, 3, true, func(c *live.Connection) string { return shortState(c.State) },
		func(a, b *live.Connection) int { return cmp.Compare(a.State, b.State) }},
	{"PATHS", 5, 5, false, paths,
		func(a, b *live.Connection) int { return cmp.Compare(b.Established(), a.Established()) }},
	{"RATE", 6, 0, false, func(c *live.Connection) string { return rateText(both(c.Sent, c.Received)) },
		func(a, b *live.Connection) int { return cmp.Compare(busy(b), busy(a)) }},
	{"SENT", 6, 8, false, func(c *live.Connection) string { return rateText(c.Sent) },
		func(a, b *live.Connection) int { return cmp.Compare(known(b.Sent), known(a.Sent)) }},
	{"RECV", 6, 8, false, func(c *live.Connection) string { return rateText(c.Received) },
		func(a, b *live.Connection) int { return cmp.Compare(known(b.Received), known(a.Received)) }},
	{"RETR", 6, 2, false, retransmitted,
		func(a, b *live.Connection) int { return cmp.Compare(again(b), again(a)) }},
	{"IDLE", 5, 1, false, idleText,
		func(a, b *live.Connection) int { return cmp.Compare(idle(a), idle(b)) }},
	{"LOCAL", 0, 4, true, func(c *live.Connection) string { return c.Local.String() },
		func(a, b *live.Connection) int { return a.Local.Compare(b.Local) }},
	{"REMOTE", 0, 7, true, remote,
		func(a, b *live.Connection) int { return a.Remote.Compare(b.Remote) }},
	{"PROCESS", 0, 8, true, process,
		func(a, b *live.Connection) int { return cmp.Compare(process(a), process(b)) }},
}

// busy is what a connection carries both ways, -1 where nothing is known of it.
func busy(c *live.Connection) float64 { return known(both(c.Sent, c.Received)) }

// token is a connection's; a listener has none.
func token(c *live.Connection) string {
	if c.Info.Token == 0 {
		return "-"
	}
	return hexadecimal(c.Info.Token)
}

// paths counts subflows: those established, +those pending, /how many may be.
func paths(c *live.Connection) string {
	text := strconv.Itoa(c.Established())
	if pending := c.Pending(); pending > 0 {
		text += "+" + strconv.Itoa(pending)
	}
	if limit, known := c.Limit(); known {
		text += "/" + strconv.Itoa(limit)
	}
	return text
}

// remote is the far end; a listener has none.
func remote(c *live.Connection) string {
	if !c.Remote.IsValid() {
		return "*"
	}
	return c.Remote.String()
}

func ends(c *live.Connection) string { return c.Local.String() + " → " + remote(c) }

// process names who has the socket open, ? where that is not known.
func process(c *live.Connection) string {
	if !c.OwnersKnown {
		return "?"
	}
	var names []string
	for _, o := range c.Owners {
		names = append(names, o.Name+" "+strconv.Itoa(o.PID))
	}
	return strings.Join(names, ", ")
}

func again(c *live.Connection) int64 {
	if c.Info.Traffic == nil {
		return -1
	}
	return int64(c.Info.Traffic.BytesRetransmitted)
}

func retransmitted(c *live.Connection) string {
	if c.Info.Traffic == nil {
		return "?"
	}
	return bytesText(c.Info.Traffic.BytesRetransmitted)
}
