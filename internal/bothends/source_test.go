package bothends_test

import (
	"io"
	"slices"
	"testing"

	"allroads/internal/bothends"
	"allroads/trace"
)

// load reads a whole file.
func load(t testing.TB, path string) (all []trace.Packet) {
	t.Helper()
	file, err := trace.Open(path)
	must(t, err)
	defer file.Close()
	for {
		var p trace.Packet
		err := file.Next(&p)
		if err == io.EOF {
			return all
		}
		must(t, err)
		p.Data = slices.Clone(p.Data)
		all = append(all, p)
	}
}

// list is packets as a capture, which ends with err, or cleanly.
type list struct {
	packets []trace.Packet
	err     error
}

func (l *list) Next(p *trace.Packet) error {
	if len(l.packets) == 0 {
		if l.err != nil {
			return l.err
		}
		return io.EOF
	}
	*p = l.packets[0]
	l.packets = l.packets[1:]
	return nil
}

// retimed is packets with other times.
func retimed(packets []trace.Packet, clock func(int64) int64) []trace.Packet {
	packets = slices.Clone(packets)
	for i := range packets {
		packets[i].Time = clock(packets[i].Time)
	}
	return packets
}

func compareLists(t testing.TB, client, server []trace.Packet) *bothends.Result {
	t.Helper()
	r, err := bothends.Compare(t.Context(), &list{packets: client}, &list{packets: server}, bothends.Options{})
	must(t, err)
	return r
}
