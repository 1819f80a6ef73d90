package capture

import (
	"bufio"
	"io"
	"os"
)

const (
	pieceBytes = 256 << 10
	pieceRoom  = 128 << 10 // in front of a piece, for the rest of the one before
	pieces     = 4
	inBytes    = 64 << 10 // of compressed data read at once
)

// A decompressor is a feed that decompresses on a goroutine of its own. Pieces go
// to the reader and come back to be filled again.
type decompressor struct {
	filled chan []byte   // pieces with their room, closed at the end
	free   chan []byte   // pieces
	quit   chan struct{} // closed by stop
	end    error         // why filled is closed
	held   []byte        // piece that the reader has
	long   []byte        // rest and piece, when the room is too small
}

// expand starts to decompress with what begin makes.
func expand(in io.Reader, begin begin) *decompressor {
	d := &decompressor{
		filled: make(chan []byte, pieces),
		free:   make(chan []byte, pieces),
		quit:   make(chan struct{}),
	}
	for range pieces {
		d.free <- make([]byte, pieceRoom+pieceBytes)
	}
	go d.run(bufio.NewReaderSize(in, inBytes), begin)
	return d
}

func (d *decompressor) run(in io.Reader, begin begin) {
	defer close(d.filled)
	out, err := begin(in)
	if err != nil {
		d.end = cutIfEOF(err)
		return
	}
	defer out.Close()
	for d.end == nil {
		select {
		case <-d.quit:
			d.end = os.ErrClosed
		case piece := <-d.free:
			var n int
			piece = piece[:cap(piece)]
			n, d.end = readUp(out, piece[pieceRoom:])
			if n > 0 {
				d.filled <- piece[:pieceRoom+n] // which has room for all
			}
		}
	}
}

// cutIfEOF is for what ends in its header.
func cutIfEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readUp is io.ReadFull with the reader's own error.
func readUp(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var step int
		step, err = r.Read(b[n:])
		n += step
	}
	return n, err
}

func (d *decompressor) more(rest []byte) ([]byte, error) {
	piece, ok := <-d.filled
	if !ok {
		return rest, d.end
	}
	joined := d.join(rest, piece)
	if d.held != nil {
		d.free <- d.held
	}
	d.held = piece
	return joined, nil
}

// join puts rest in front of a piece.
func (d *decompressor) join(rest, piece []byte) []byte {
	if start := pieceRoom - len(rest); start >= 0 {
		copy(piece[start:], rest)
		return piece[start:]
	}
	d.long = append(append(d.long[:0], rest...), piece[pieceRoom:]...)
	return d.long
}

func (d *decompressor) stop() {
	select {
	case <-d.quit:
	default:
		close(d.quit)
	}
}
