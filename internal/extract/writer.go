package extract

import (
	"io"

	"allroads/internal/capture"
	"allroads/trace"
)

// writer writes packets with the interfaces that they were captured on.
type writer struct {
	file   *capture.Writer
	in     *trace.File
	places []place
}

// place is an interface of the files that are read, and where it is in the file that
// is written. Some programs write packets that are longer than the snap length which
// they claim: these have another interface there.
type place struct {
	limit       int // bytes of a packet, 0: any
	usual, long int // positions, -1: not written yet
}

func newWriter(w io.Writer) (*writer, error) {
	file, err := capture.NewFileWriter(w, nil)
	if err != nil {
		return nil, err
	}
	return &writer{file: file}, nil
}

func (w *writer) write(in *trace.File, p *trace.Packet) error {
	w.in = in
	position, err := w.position(p)
	if err != nil {
		return err
	}
	return w.file.Write(&capture.Packet{
		Time: p.Time, Interface: position, Data: p.Data, Length: max(p.Length, len(p.Data)),
	})
}

// position is where the packet's interface is in the file that is written.
func (w *writer) position(p *trace.Packet) (position int, err error) {
	for i := len(w.places); i <= p.Interface; i++ {
		w.places = append(w.places, place{int(w.in.Interfaces()[i].SnapLen), -1, -1})
	}
	at := &w.places[p.Interface]
	known, limit := &at.usual, at.limit
	if limit > 0 && len(p.Data) > limit {
		known, limit = &at.long, 0
	}
	if *known < 0 {
		i := w.in.Interfaces()[p.Interface]
		*known, err = w.file.AddInterface(capture.FileInterface{
			Name: i.Name, Description: i.Description, Link: i.LinkType, SnapLen: uint32(limit),
		})
	}
	return *known, err
}

// close ends the file, with what is known of losses.
func (w *writer) close() error {
	if w.in != nil {
		for i, one := range w.in.Interfaces() {
			if i < len(w.places) && w.places[i].usual >= 0 && one.DropsKnown {
				w.file.Dropped(w.places[i].usual, one.Drops)
			}
		}
	}
	return w.file.Close(nil)
}
