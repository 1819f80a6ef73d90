package extract

import (
	"cmp"
	"errors"
	"os"
	"slices"
)

// waiting are parts of a stream that came before what is in front of them, in order:
// in memory, and when there are many, in a temporary file without a name, which is
// gone with the process.
type waiting struct {
	parts  []waitingPart
	memory int // bytes in it
	limit  int // of these
	file   *os.File
	size   int64
	buffer []byte
}

// waitingPart is [low, high) of a stream.
type waitingPart struct {
	low, high int64
	data      []byte // nil: in the file
	at        int64  // there
}

// How much waits in memory, in the file, and in how many parts.
const (
	maxMemory  = 16 << 20
	maxFile    = 8 << 30
	maxWaiting = 1 << 18
)

var errReordered = errors.New("put the stream together: more than 8 GiB, or 262,144 pieces, of it came before what is in front of them")

// begins reports whether what is next has come.
func (w *waiting) begins(next int64) bool { return len(w.parts) > 0 && w.parts[0].low <= next }

// add takes those of the bytes that do not wait already.
func (w *waiting) add(low int64, data []byte) error {
	i := w.search(low)
	for len(data) > 0 {
		n := int64(len(data))
		if i < len(w.parts) {
			one := &w.parts[i]
			if one.low <= low {
				n = min(n, one.high-low)
				low, data = low+n, data[n:]
				i++
				continue
			}
			n = min(n, one.low-low)
		}
		grown, err := w.insert(i, low, data[:n])
		if err != nil {
			return err
		}
		low, data, i = low+n, data[n:], grown
	}
	return nil
}

// search returns the first part that ends behind an offset.
func (w *waiting) search(at int64) int {
	if n := len(w.parts); n == 0 || w.parts[n-1].high <= at {
		return n
	}
	i, _ := slices.BinarySearchFunc(w.parts, at+1, func(one waitingPart, at int64) int { return cmp.Compare(one.high, at) })
	return i
}

// insert adds a part in front of the one at i, and returns where that is then.
func (w *waiting) insert(i int, low int64, data []byte) (int, error) {
	one := waitingPart{low: low, high: low + int64(len(data))}
	if w.memory+len(data) <= w.limit {
		one.data = slices.Clone(data)
		w.memory += len(data)
	} else {
		if err := w.spill(data, &one); err != nil {
			return 0, err
		}
		if i > 0 && w.parts[i-1].joins(&one) {
			w.parts[i-1].high = one.high
			return i, nil
		}
	}
	if len(w.parts) >= maxWaiting {
		return 0, errReordered
	}
	w.parts = slices.Insert(w.parts, i, one)
	return i + 1, nil
}

// joins reports whether another part of the file goes on where this one ends.
func (p *waitingPart) joins(o *waitingPart) bool {
	return p.data == nil && p.high == o.low && p.at+(p.high-p.low) == o.at
}

// take gives away the first part from an offset on.
func (w *waiting) take(from int64, write func([]byte) error) error {
	one := w.parts[0]
	w.parts[0] = waitingPart{}
	w.parts = w.parts[1:]
	skip := min(from, one.high) - one.low
	w.memory -= len(one.data)
	var err error
	if one.data != nil {
		err = write(one.data[skip:])
	} else {
		err = w.read(one.at+skip, one.high-one.low-skip, write)
	}
	if len(w.parts) == 0 && w.size > 0 && err == nil {
		w.size, err = 0, w.file.Truncate(0)
	}
	return err
}
