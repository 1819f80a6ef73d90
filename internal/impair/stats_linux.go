package impair

// Stats count the frames of one direction since Open. Every frame that came to
// the interface is in one of Overrun, Unfit, Inspected and In; and each of In and
// Duplicated is in one of Lost, QueueFull, Overflow, Refused, Sent and Waiting.
type Stats struct {
	Counters // what the Model did

	Sent    Count // given to the far interface
	Waiting int   // on their way now

	// Inspected are the frames that Inspect dropped.
	Inspected uint64
	// Unfit are the frames dropped because they cannot be sent on: longer than
	// the MTU of their interface was at Open (a super-frame), without a
	// checksum (DisableOffloads cures both), or what Inspect made of them is
	// shorter than an Ethernet header.
	Unfit uint64
	// Overrun are the frames that the kernel dropped because this process did
	// not get to read them in time.
	Overrun uint64
	// Overflow are the frames dropped for want of Options.Memory.
	Overflow uint64
	// Refused are the frames that the kernel did not take for sending: the
	// interface is down, the frame is longer than its MTU, or the receiving
	// host is behind.
	Refused uint64
}
