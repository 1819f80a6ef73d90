package impair

// buffers are the memory of frames on their way, used again and again.
type buffers struct {
	size  int // of each
	limit int // how many there may be in use
	used  int
	free  [][]byte
}

// spare is how many free buffers are kept at most, for the garbage collector to
// have the rest.
const spare = 1024

// copy returns a copy of a frame in a buffer, nil if all are in use or the frame
// is longer than one.
func (b *buffers) copy(frame []byte) []byte {
	if len(frame) > b.size || b.used == b.limit {
		return nil
	}
	b.used++
	buffer := b.get()[:len(frame)]
	copy(buffer, frame)
	return buffer
}

func (b *buffers) get() []byte {
	last := len(b.free) - 1
	if last < 0 {
		return make([]byte, b.size)
	}
	buffer := b.free[last]
	b.free[last] = nil
	b.free = b.free[:last]
	return buffer
}

// put takes back what copy returned.
func (b *buffers) put(buffer []byte) {
	b.used--
	if len(b.free) < spare {
		b.free = append(b.free, buffer[:b.size])
	}
}
