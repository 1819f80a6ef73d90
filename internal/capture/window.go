package capture

// A feed is where the bytes of a file come from.
type feed interface {
	// more returns rest, which is the end of what it returned before, with
	// something behind it; what it returned before is invalid then. Or there is
	// an error, with just rest.
	more(rest []byte) ([]byte, error)

	// stop ends what goes on in the background.
	stop()
}

// A window is the part of a file that is in memory.
type window struct {
	feed  feed
	bytes []byte
	at    int   // in bytes, of the first one not read
	base  int64 // offset in the file of bytes
	end   error // why nothing follows bytes
}

// offset is how much of the file has been read.
func (w *window) offset() int64 { return w.base + int64(w.at) }

// left is how many bytes are there to be read.
func (w *window) left() int { return len(w.bytes) - w.at }

// ahead returns what is there to be read.
func (w *window) ahead() []byte { return w.bytes[w.at:] }

// fill reports whether there are n bytes to be read, and gets them.
func (w *window) fill(n int) bool {
	for w.left() < n {
		if w.end != nil {
			return false
		}
		rest := w.bytes[w.at:]
		w.base += int64(w.at)
		w.at = 0
		w.bytes, w.end = w.feed.more(rest)
	}
	return true
}

// skip passes over n bytes, however many, and reports whether they were there.
func (w *window) skip(n int64) bool {
	for {
		step := min(n, int64(w.left()))
		w.at += int(step)
		n -= step
		if n == 0 {
			return true
		}
		if !w.fill(1) {
			return false
		}
	}
}
