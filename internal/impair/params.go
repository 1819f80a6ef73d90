// Package impair carries Ethernet frames between two interfaces in userspace
// with the rate, delay, loss and other faults of a real link, where the kernel
// has no netem. Model decides what befalls each frame, in virtual time; Link
// makes it happen.
package impair

import "time"

// Params are the faults of one direction of a link. The zero value has none. A
// frame meets them in this order:
//
//   - it may be lost (Loss, Burst): then it takes none of the rate, as with
//     tc-netem(8);
//   - it may be duplicated: the copy is a frame of its own right behind it, but
//     neither lost nor duplicated;
//   - it waits in the queue and is sent at the rate: store and forward, so that
//     it has left when its last bit has;
//   - it is delayed by Delay ± Jitter, or reordered, which is to say not delayed.
//
// Frames stay in order save for the reordered ones: a frame that would overtake
// the one before it because its jitter is smaller arrives together with it. (So
// does netem where it has a rate; without one, its jitter reorders.) When frames
// follow each other faster than the jitter, the mean delay is therefore above
// Delay.
type Params struct {
	// Rate is in bits per second, 8 to 10^13; 0 sets no limit. Its burst is one
	// frame: in any stretch of time, no more leaves than the rate allows and
	// one frame.
	Rate uint64
	// Overhead is the bytes, 0 to 1,000, that each frame takes of the rate
	// besides its own, which are those of a packet socket: from the destination
	// address to the payload. 24 are what Ethernet adds on the wire.
	Overhead int
	// Queue is how many frames may wait for the rate, besides the one being
	// sent, at most 100,000; what comes when they do is dropped. 0 makes it
	// what the rate takes in 100 ms in frames of 1,514 bytes, from 32 to
	// 10,000. Without a rate nothing waits.
	Queue int

	// Delay is added to each frame, up to an hour.
	Delay time.Duration
	// Jitter makes the delay vary, with a uniform distribution from
	// Delay-Jitter to Delay+Jitter. It is no more than Delay.
	Jitter time.Duration

	// Loss is the part of the frames lost, each by chance of its own, 0 to 1.
	Loss float64
	// Burst loses frames in bursts, besides what Loss does.
	Burst GilbertElliott
	// Duplicate is the part of the frames duplicated, 0 to 1.
	Duplicate float64
	// Reorder is the part of the frames, 0 to 1, not delayed, so that they
	// overtake those that are. It takes a Delay.
	Reorder float64
}

const (
	minRate     = 8
	maxRate     = 10_000_000_000_000
	maxOverhead = 1000
	maxQueue    = 100_000
	maxDelay    = time.Hour

	// queueTime and the rest make the default of Queue.
	queueTime       = 100 * time.Millisecond
	queueFrame      = 1514
	minDefaultQueue = 32
	maxDefaultQueue = 10_000
)

// QueueFrames is the limit of the queue, with its default.
func (p Params) QueueFrames() int {
	switch {
	case p.Queue > 0:
		return p.Queue
	case p.Rate == 0: // What waits are remains of an earlier rate.
		return maxDefaultQueue
	}
	frames := p.Rate / (8 * queueFrame * uint64(time.Second/queueTime))
	return int(min(max(frames, minDefaultQueue), maxDefaultQueue))
}
