package mptcp

import "fmt"

// rows is an array of structs in a kernel's answer. The kernel says how long it
// made each and how many it knows of, which may be more than there was room for.
type rows struct {
	data  []byte
	size  int
	count int
}

// newRows refuses numbers that do not fit the data, so that row cannot panic and
// no number of empty structs is believed.
func newRows(what string, data []byte, size, count uint32) (rows, error) {
	if uint64(max(size, 1))*uint64(count) > uint64(len(data)) {
		return rows{}, fmt.Errorf("decode %s: %d times %d bytes, answer of %d", what, count, size, len(data))
	}
	return rows{data, int(size), int(count)}, nil
}

func (r rows) row(i int) []byte { return r.data[i*r.size:][:r.size] }
