package top

import (
	"fmt"
	"strings"
	"time"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// graphHeight is that of the graphs in a screen of one connection.
const graphHeight = 3

// paths is a screen of one connection: what it is, its subflows, what happened.
func (m *model) paths(c *live.Connection, width int) (all []line) {
	all = append(all, m.caption(c, width))
	all = append(all, fold(0, "  ", facts(c), width)...)
	for _, w := range m.strands(c) {
		all = append(all, nil, w.picture(width, nil))
		all = append(all, fold(0, "  ", w.counters(), width)...)
		all = append(all, w.curvesHigh(width)...)
	}
	all = append(all, nil)
	return append(all, m.happened(c, width, journalSize)...)
}

// facts are what is known of a connection as such.
func facts(c *live.Connection) string {
	words := []string{c.State.String(), "subflows " + paths(c), "sent " + rateText(c.Sent) + " bit/s",
		"received " + rateText(c.Received) + " bit/s"}
	if t := c.Info.Traffic; t != nil {
		words = append(words, fmt.Sprintf("%s sent, %s received, %s sent again (bytes)",
			bytesText(t.BytesSent), bytesText(t.BytesReceived), bytesText(t.BytesRetransmitted)))
	}
	if c.Info.Idle != nil {
		words = append(words, "idle "+ago(idle(c)))
	}
	if c.OwnersKnown {
		words = append(words, "process "+process(c))
	}
	if c.Cgroup != "" {
		words = append(words, "cgroup "+c.Cgroup)
	}
	if c.Space != "" {
		words = append(words, "netns "+c.Space)
	}
	return strings.Join(words, " · ")
}

// counters are what is known of a subflow in numbers.
func (w *strand) counters() string {
	s, t := w.subflow, &w.subflow.TCP
	role := w.role()
	if role != "initial" && w.isInitial() {
		role = "initial " + role
	}
	words := []string{s.State.String(), role, fmt.Sprintf("ids %d–%d", s.LocalID, s.RemoteID)}
	if share := w.path.Share; share != nil {
		words = append(words, fmt.Sprintf("share %.0f%%", *share*100))
	}
	if now := w.path.ShareNow; now != nil {
		words = append(words, fmt.Sprintf("now %.0f%%", *now*100))
	}
	words = append(words, fmt.Sprintf("%s sent, %s received (bytes)", bytesText(t.BytesSent), bytesText(t.BytesReceived)),
		fmt.Sprintf("cwnd %d", t.Cwnd), plural(int(t.Retransmissions), "segment")+" sent again")
	if t.MinRTT != 0 {
		words = append(words, "least rtt "+rttText(t.MinRTT))
	}
	if t.Timeouts != 0 {
		words = append(words, plural(int(t.Timeouts), "time-out")+" in a row")
	}
	return strings.Join(words, " · ")
}

// curvesHigh shows rate and round-trip time lately side by side, with what the top
// of each stands for.
func (w *strand) curvesHigh(width int) (all []line) {
	size := max(0, (width-4)/2)
	var title line
	title.add(fullscreen.Blue, fmt.Sprintf("  %s bit/s, top %s", rateText(w.rate()), rateText(w.most())))
	title.pad(size + 3)
	top := time.Duration(float64(max(w.topRTT, 0)) * float64(time.Second))
	title.add(fullscreen.Magenta, fmt.Sprintf("rtt %s, top %s", rttText(w.subflow.TCP.RTT), rttText(top)))
	if w.memory != nil {
		if ago := fmt.Sprintf("  last %s", w.memory.span(2*size).Round(time.Second)); title.width()+len(ago) <= width {
			title.add(fullscreen.Dim, ago)
		}
	}
	all = append(all, title)
	left, right := w.graph(rateGraph, size, graphHeight), w.graph(rttGraph, size, graphHeight)
	for y := range left {
		all = append(all, line{{0, "  "}, {fullscreen.Blue, left[y]}, {0, " "}, {fullscreen.Magenta, right[y]}})
	}
	return all
}
