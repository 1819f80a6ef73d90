package extract

import (
	"context"
	"io"

	"allroads/trace"
)

// checkEvery is after how many packets it is looked whether somebody has had enough.
const checkEvery = 4096

// Visit takes a packet and its number in the capture, from 1 on. The packet is valid
// until it returns; an error ends the reading.
type Visit func(n uint64, in *trace.File, p *trace.Packet) error

// Each calls visit with the packets of the connections that the selectors name, as
// Packets chooses them. The files are read twice: see Spool.
func Each(ctx context.Context, files []string, selectors []trace.Selector, o Options, visit Visit) error {
	chosen, damage, err := find(ctx, files, selectors, o)
	if err != nil {
		return err
	}
	if err := eachPacket(ctx, files, chosen, visit); err != nil {
		return err
	}
	return damage
}

// eachPacket reads the files and calls visit with the packets of the chosen
// connections.
func eachPacket(ctx context.Context, files []string, chosen []Chosen, visit Visit) error {
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
		if err := visit(n, in, &p); err != nil {
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
