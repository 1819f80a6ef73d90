package impair

import "fmt"

// A Direction is one of the two of a Link.
type Direction int

const (
	AToB Direction = iota
	BToA
)

func (d Direction) String() string {
	if d == AToB {
		return "a to b"
	}
	return "b to a"
}

// Options are what the two directions of a Link share. The zero value is usable.
type Options struct {
	// Seed decides about all that is left to chance, differently in the two
	// directions.
	Seed uint64

	// Inspect, if any, sees each frame when it arrives, in order, before
	// anything befalls it. It may return the frame, changed in place or not,
	// or another one, up to the MTU of the far interface, or have it dropped.
	// Checksums are its business: a host drops what does not add up. frame is
	// valid until Inspect returns, which it should soon, since everything else
	// waits. It must not call the Link.
	Inspect func(d Direction, frame []byte) (out []byte, drop bool)

	// RingFrames is how many frames of each direction the kernel keeps until
	// this process gets to run, 32 to 65,536; 0 is 1,024. Up to an MTU of 1,944
	// each takes 2 KiB of kernel memory, whether used or not.
	RingFrames int

	// Memory is how many bytes of frames on their way are kept for each
	// direction, in buffers that each hold the longest frame; 0 is 64 MiB. It
	// must be more than the rate times the delay, in frames of full length.
	Memory int
}

const (
	minRing       = 32
	maxRing       = 65536
	defaultRing   = 1024
	defaultMemory = 64 << 20
)

func (o Options) withDefaults() (Options, error) {
	if o.RingFrames == 0 {
		o.RingFrames = defaultRing
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.RingFrames < minRing || o.RingFrames > maxRing {
		return o, fmt.Errorf("ring of %d frames: want %d to %d", o.RingFrames, minRing, maxRing)
	}
	if o.Memory < 0 {
		return o, fmt.Errorf("memory of %d bytes: want more, or 0 for %d", o.Memory, defaultMemory)
	}
	return o, nil
}
