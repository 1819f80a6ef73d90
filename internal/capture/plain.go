package capture

import "io"

// plainBytes is what is read at once. With less, system calls show; with more, it
// does not stay in the processor's cache.
const plainBytes = 512 << 10

// A plain feed reads into one buffer, which grows for a record that does not fit,
// but only after as much of the record as was asked for has come.
type plain struct {
	in     io.Reader
	buffer []byte
	end    error // came with bytes
}

func newPlain(in io.Reader) *plain { return &plain{in: in, buffer: make([]byte, plainBytes)} }

func (p *plain) more(rest []byte) ([]byte, error) {
	to := p.buffer
	if len(rest) > len(to)/2 {
		to = make([]byte, 2*len(to))
	}
	copy(to, rest)
	p.buffer = to
	n, err := p.get(to[len(rest):])
	return to[:len(rest)+n], err
}

// get reads something or returns an error.
func (p *plain) get(b []byte) (int, error) {
	if p.end != nil {
		return 0, p.end
	}
	for range 100 {
		n, err := p.in.Read(b)
		if n > 0 {
			p.end = err
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

func (p *plain) stop() {}
