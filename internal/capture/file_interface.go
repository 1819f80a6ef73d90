package capture

import "time"

// FileInterface is an interface as a capture file describes it.
type FileInterface struct {
	File        string // name of the file
	Name        string // if_name, its first 256 bytes, "" for none
	Description string // if_description, its first 256 bytes, "" for none
	Comment     string // opt_comment, "" for none; readers leave it out
	Link        uint16 // LINKTYPE_ number (draft-ietf-opsawg-pcaplinktype), 1: Ethernet
	SnapLen     uint32 // bytes kept of each frame at most, 0: no limit

	// Resolution is the step of the packets' times, rounded up to a nanosecond.
	Resolution time.Duration

	// Drops is how many packets the capture lost here, if known: by the last
	// statistics block (isb_ifdrop and isb_osdrop), or else by the sum of what
	// stands beside packets (epb_dropcount).
	Drops      uint64
	DropsKnown bool
}
