package tap

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"allroads/internal/capture"
)

// Recorder writes the packets of a tap to files. Record and Close are for one
// goroutine, Progress is for any.
type Recorder struct {
	tap     *Tap
	series  *series
	file    *file
	writer  *capture.Writer
	snapLen uint32
	first   int64  // time of the file's first packet
	written uint64 // packets in the file
	drops   uint64 // told of in earlier files

	packets, bytes, files atomic.Uint64
}

// Progress is how far a recorder is.
type Progress struct {
	Packets uint64 // written
	Bytes   uint64 // of these packets, as captured
	Drops   uint64 // packets that found no room in the kernel's ring
	Files   uint64 // made until now
}

// NewRecorder makes the first file. Paths that exist are fs.ErrExist, wrapped.
func NewRecorder(t *Tap, f Files) (*Recorder, error) {
	s, err := newSeries(f)
	if err != nil {
		return nil, err
	}
	r := &Recorder{tap: t, series: s, snapLen: t.snapLen}
	if err := r.begin(); err != nil {
		return nil, err
	}
	return r, nil
}

// begin begins the next file.
func (r *Recorder) begin() (err error) {
	if r.file, err = r.series.create(); err != nil {
		return err
	}
	r.written = 0
	r.files.Add(1)
	if r.writer, err = capture.NewFileWriter(r.file, nil); err != nil {
		return err
	}
	return r.describe()
}

// describe adds the interfaces that the file does not have yet.
func (r *Recorder) describe() error {
	names := r.tap.Interfaces()
	for r.writer.Interfaces() < len(names) {
		i := capture.FileInterface{Name: names[r.writer.Interfaces()], Link: capture.LinkEthernet, SnapLen: r.snapLen}
		if _, err := r.writer.AddInterface(i); err != nil {
			return err
		}
	}
	return nil
}

// Record writes packets until the tap ends, or limit of them are written; 0 is no
// limit. It hands on what it has whenever it has to wait. Of a file that takes no
// more, the error says how many packets are in it.
func (r *Recorder) Record(limit uint64) error {
	p := &r.tap.packet
	for limit == 0 || r.packets.Load() < limit {
		if !r.tap.ring.Ready() {
			if err := r.writer.Flush(); err != nil {
				return r.explain(err)
			}
		}
		err := r.tap.read(p)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = r.write(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Recorder) write(p *capture.Packet) error {
	if r.isFull(p) {
		if err := r.rotate(); err != nil {
			return err
		}
	}
	if r.written == 0 {
		r.first = p.Time
	}
	err := r.describe()
	if err == nil {
		err = r.writer.Write(p)
	}
	if err != nil {
		return r.explain(err)
	}
	r.written++
	r.packets.Add(1)
	r.bytes.Add(uint64(len(p.Data)))
	return nil
}

// perPacket is the room that a packet takes beside its data, and perInterface that
// of an interface's statistics.
const perPacket, perInterface = 36, 72

// isFull reports whether a packet belongs to another file.
func (r *Recorder) isFull(p *capture.Packet) bool {
	s := r.series
	if r.written == 0 {
		return false
	}
	if s.Time > 0 && p.Time-r.first >= s.Time.Nanoseconds() {
		return true
	}
	end := int64(len(p.Data) + perPacket + perInterface*r.writer.Interfaces())
	return s.Size > 0 && r.writer.Size()+end > s.Size
}

func (r *Recorder) rotate() error {
	if err := r.finish(); err != nil {
		return err
	}
	return r.begin()
}

// finish ends the file. A packet that was dropped is told of in the file that was
// written then.
func (r *Recorder) finish() error {
	drops := r.tap.Drops()
	stats := capture.Stats{Packets: r.written + drops - r.drops, Drops: drops - r.drops}
	r.drops = drops
	if err := r.writer.Close([]capture.Stats{stats}); err != nil {
		return errors.Join(r.explain(err), r.file.Close())
	}
	if err := r.file.Close(); err != nil {
		return fmt.Errorf("write packets: %w", err)
	}
	return nil
}

// explain says what of a file that failed is there.
func (r *Recorder) explain(err error) error {
	r.packets.Add(-r.file.lost)
	r.file.lost = 0
	return err
}

// Close ends the last file. After an error of Record, it returns the same again,
// if at all.
func (r *Recorder) Close() error { return r.finish() }

// Progress tells how far it is.
func (r *Recorder) Progress() Progress {
	return Progress{r.packets.Load(), r.bytes.Load(), r.tap.Drops(), r.files.Load()}
}
