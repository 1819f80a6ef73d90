package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// FileMerge reads several capture files as one sequence: of the files' next
// packets, the one with the earliest time comes first, and of those with the same
// time, the one of the file given first. So the order within each file stays what
// it is, also where its clock goes backwards. It is for one goroutine, but for
// Position.
type FileMerge struct {
	files      []*merged
	queue      queue[*merged]
	reading    *merged // whose packet was given out last, the queue's first
	interfaces []FileInterface
	outOfOrder uint64
	newest     int64 // time of a packet given out
	packets    uint64
	started    bool
	errs       []error
	end        error
}

// A merged is one file of a merge.
type merged struct {
	*File
	position int
	packet   Packet // next one, or the one given out last
	numbers  []int  // in the merge, of the file's interfaces
}

// MergeFiles merges files of which nothing has been read. They are the merge's
// from now on, which closes them.
func MergeFiles(files ...*File) *FileMerge {
	m := &FileMerge{}
	for i, f := range files {
		m.files = append(m.files, &merged{File: f, position: i})
	}
	return m
}

// Read finds the next packet, as File.Read does; p.Interface counts through the
// interfaces of all files. A damaged file ends before the others, which are read
// on: in the end, Read returns the errors of all files instead of io.EOF, joined
// if there are several.
func (m *FileMerge) Read(p *Packet) error {
	if m.end != nil {
		return m.end
	}
	m.advance()
	if len(m.queue) == 0 {
		return m.finish()
	}
	next := m.queue[0].of
	m.reading = next
	*p = next.packet
	p.Interface = m.number(next, p.Interface)
	if m.packets++; m.packets > 1 && p.Time < m.newest {
		m.outOfOrder++
	} else {
		m.newest = p.Time
	}
	return nil
}

// advance has the next packet of each file that has one in the queue.
func (m *FileMerge) advance() {
	switch {
	case !m.started:
		m.start()
	case m.next(m.reading):
		m.queue.later(m.reading.packet.Time)
	default:
		m.queue.drop()
	}
}

func (m *FileMerge) start() {
	m.started = true
	for _, f := range m.files {
		if m.next(f) {
			m.queue = append(m.queue, queued[*merged]{f.packet.Time, f.position, f})
		}
		for i := range f.Interfaces() {
			m.number(f, i)
		}
	}
	m.queue.order()
}

// next reads a file's next packet and reports whether there is one.
func (m *FileMerge) next(f *merged) bool {
	err := f.Read(&f.packet)
	if err != nil && err != io.EOF {
		m.errs = append(m.errs, err)
	}
	return err == nil
}

func (m *FileMerge) finish() error {
	m.end = io.EOF
	switch len(m.errs) {
	case 0:
	case 1:
		m.end = m.errs[0]
	default:
		m.end = errors.Join(m.errs...)
	}
	return m.end
}

// number is an interface's in the merge.
func (m *FileMerge) number(f *merged, i int) int {
	for len(f.numbers) <= i {
		f.numbers = append(f.numbers, len(m.interfaces))
		m.interfaces = append(m.interfaces, f.interfaces[len(f.numbers)-1])
	}
	return f.numbers[i]
}

// Interfaces lists the interfaces of all files as far as known. Those described
// before a file's first packet are in the files' order; others follow as they
// come. It is not to be modified.
func (m *FileMerge) Interfaces() []FileInterface {
	for _, f := range m.files {
		for i, number := range f.numbers {
			m.interfaces[number] = f.interfaces[i]
		}
	}
	return m.interfaces
}

// Stats adds up the accounts of all files. OutOfOrder is of the whole sequence:
// packets with a time before that of one given out earlier, from any file; see
// File.Stats for the clocks of each.
func (m *FileMerge) Stats() FileStats {
	sum := FileStats{Packets: m.packets, OutOfOrder: m.outOfOrder, DropsKnown: len(m.files) > 0}
	for _, f := range m.files {
		s := f.Stats()
		sum.Untimed += s.Untimed
		sum.Drops += s.Drops
		sum.DropsKnown = sum.DropsKnown && s.DropsKnown
	}
	return sum
}

// Position adds up the positions of all files. Any goroutine may call it.
func (m *FileMerge) Position() (read, total int64) {
	for _, f := range m.files {
		r, t := f.File.Position()
		read += r
		if t < 0 || total < 0 {
			total = -1
		} else {
			total += t
		}
	}
	return read, total
}

// Close closes all files and invalidates the last packet.
func (m *FileMerge) Close() error {
	var errs []error
	for _, f := range m.files {
		errs = append(errs, f.File.Close())
	}
	m.end = fmt.Errorf("read capture files: %w", os.ErrClosed)
	return errors.Join(errs...)
}
