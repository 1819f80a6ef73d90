package extract

import (
	"context"
	"io"

	"allroads/trace"
)

// checkEvery is after how many packets it is looked whether somebody has had enough.
const checkEvery = 4096

// eachPacket reads the files and calls visit with the packets of the chosen
// connections, valid until it returns. An error of visit ends it.
func eachPacket(ctx context.Context, files []string, chosen []Chosen, visit func(*trace.File, *trace.Packet) error) error {
	in, err := trace.Open(files...)
	if err != nil {
		return err
	}
	defer in.Close()
	filter := filter{flows: newFlows(chosen)}
	var p trace.Packet
	for n := uint64(1); ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		switch err := in.Next(&p); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if !filter.has(n, &p) {
			continue
		}
		if err := visit(in, &p); err != nil {
			return err
		}
	}
}

// filter finds the packets of wanted subflows, fragments included.
type filter struct {
	flows     flows
	segment   trace.Segment
	fragments fragments
}

func (f *filter) has(n uint64, p *trace.Packet) bool {
	switch err := f.segment.Decode(p); {
	case err == trace.ErrFragment:
		id, is := fragmentOf(p)
		return is && f.fragments.has(id)
	case err != nil || !f.flows.has(n, &f.segment):
		return false
	}
	if f.segment.Fragment {
		if id, is := fragmentOf(p); is {
			f.fragments.add(id)
		}
	}
	return true
}
