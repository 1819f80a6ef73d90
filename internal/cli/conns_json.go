package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"time"

	"allroads/internal/live"
)

// connsJSON renders connections as docs/reference/conns-json.md says. They are
// written one by one: there may be more than fit into memory.
type connsJSON struct {
	out    *bufio.Writer
	unseen live.Unseen
	owners bool
	json   appender
}

func newConnsJSON(unseen live.Unseen, owners bool) *connsJSON {
	return &connsJSON{out: bufio.NewWriterSize(os.Stdout, 64<<10), unseen: unseen, owners: owners}
}

// stream prints one value while connections are read, each in a line of its own.
// When it cannot go on, the value has no end, so that nobody takes it for whole.
func (v *connsJSON) stream(ctx context.Context, w *live.Watcher) error {
	v.begin(time.Now(), 0)
	for c, err := range w.Ordered(ctx, maxSorted) {
		if err != nil {
			v.out.Flush()
			return err
		}
		v.json.element()
		v.json.raw("\n")
		v.connection(c)
		if err := v.write(); err != nil {
			return err
		}
	}
	v.json.raw("\n")
	return v.end(w.Hidden(), nil)
}

// look prints one value in one line.
func (v *connsJSON) look(s *live.Snapshot) error {
	v.begin(s.At, s.Since)
	for i := range s.Connections {
		v.json.element()
		v.connection(&s.Connections[i])
		if err := v.write(); err != nil {
			return err
		}
	}
	return v.end(s.Hidden, s.Lost)
}

// write passes on what has been rendered.
func (v *connsJSON) write() error {
	if _, err := v.out.Write(v.json.take()); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

func (v *connsJSON) begin(at time.Time, since time.Duration) {
	j := &v.json
	j.open('{')
	j.text("schema", "allroads.connections/1")
	j.text("time", at.UTC().Format("2006-01-02T15:04:05.000000Z"))
	j.seconds("interval", since, since > 0)
	j.key("connections")
	j.open('[')
}

func (v *connsJSON) end(hidden int, lost []live.Space) error {
	j := &v.json
	j.close(']')
	j.key("lost_netns")
	j.open('[')
	for _, space := range lost {
		j.element()
		j.quote(space.Name)
	}
	j.close(']')
	j.number("unreadable_netns", uint64(v.unseen.Namespaces))
	j.number("processes_without_netns", uint64(v.unseen.Processes))
	j.numberIf("processes_without_files", uint64(hidden), v.owners)
	j.close('}')
	j.raw("\n")
	if err := v.write(); err != nil {
		return err
	}
	if err := v.out.Flush(); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}
