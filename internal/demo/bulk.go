package demo

import (
	"context"
	"time"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/trace"
)

// Bulk is how fast the bulk transfer was. Goodput counts each byte of the data
// stream once; rates are in bits per second.
type Bulk struct {
	Paths   []PathRate `json:"paths"`
	Goodput float64    `json:"goodput"` // of all paths together
	Rate    lab.Rate   `json:"rate"`    // that the paths are shaped to, together
}

// PathRate is how fast one path was.
type PathRate struct {
	Path    string   `json:"path"`
	Bytes   uint64   `json:"bytes"`
	Goodput float64  `json:"goodput"`
	Rate    lab.Rate `json:"rate"` // that the path is shaped to
}

// Progress is how far a bulk transfer is.
type Progress struct {
	Elapsed, Total time.Duration
	Goodput        float64 // bits per second acknowledged since the last time
}

const (
	writeSize    = 256 << 10
	progressTime = 200 * time.Millisecond
)

// flood sends as much as goes through for a time.
func (s *sender) flood(ctx context.Context, total time.Duration, progress func(Progress)) error {
	meter := meter{conn: s.conn, began: time.Now(), total: total, report: progress}
	block := make([]byte, writeSize)
	for time.Since(meter.began) < total {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.write(block); err != nil {
			return err
		}
		if err := meter.tick(); err != nil {
			return err
		}
	}
	return nil
}

// meter reports progress now and then.
type meter struct {
	conn   *mptcp.Conn
	began  time.Time
	total  time.Duration
	report func(Progress)
	last   time.Duration
	acked  uint64
}

func (m *meter) tick() error {
	elapsed := time.Since(m.began)
	if m.report == nil || elapsed-m.last < progressTime {
		return nil
	}
	subflows, err := m.conn.Subflows()
	if err != nil {
		return err
	}
	var acked uint64
	for _, flow := range subflows {
		acked += flow.BytesAcked
	}
	rate := float64(acked-m.acked) * 8 / (elapsed - m.last).Seconds()
	m.report(Progress{Elapsed: elapsed, Total: m.total, Goodput: rate})
	m.last, m.acked = elapsed, acked
	return nil
}

// measureBulk reads the rates out of the packets: for all paths over the same
// time, from the first byte of data on any of them to the last.
func measureBulk(t *lab.Topology, report *trace.Report) *Bulk {
	bulk := &Bulk{}
	first, last := dataTime(report)
	seconds := float64(last-first) / 1e9
	for _, link := range t.Links {
		path := PathRate{Path: link.Name, Rate: link.Rate, Bytes: carriedBy(report, link.Name)}
		if seconds > 0 {
			path.Goodput = float64(path.Bytes) * 8 / seconds
		}
		bulk.Paths = append(bulk.Paths, path)
		bulk.Goodput += path.Goodput
		bulk.Rate += link.Rate
	}
	return bulk
}

func dataTime(report *trace.Report) (first, last int64) {
	for _, conn := range report.Connections {
		for _, flow := range conn.Subflows {
			if at := flow.ToServer.First; at != 0 && (first == 0 || at < first) {
				first = at
			}
			last = max(last, flow.ToServer.Last)
		}
	}
	return first, last
}

func carriedBy(report *trace.Report, path string) (bytes uint64) {
	for _, conn := range report.Connections {
		for _, flow := range conn.Subflows {
			if flow.Path == path {
				bytes += flow.ToServer.Bytes
			}
		}
	}
	return bytes
}
