// Package capture records packets from network interfaces, writes them to files
// and reads capture files.
package capture

// Packet is one captured frame.
type Packet struct {
	Time      int64  // when the kernel saw it, in nanoseconds since 1970 UTC
	Interface int    // position in the list of interfaces given to Open or NewWriter; see NewMerge, File.Interfaces
	Data      []byte // from the link-layer header on, cut at the snap length; see Ring.Read, File.Read
	Length    int    // bytes of the whole frame, at least len(Data)
}

// Stats counts the frames of one source since it was opened.
type Stats struct {
	Packets uint64 // passed the filter, those dropped included
	Drops   uint64 // of Packets, found no room in the ring

	// Interfaces is how many interfaces were counted together; 0 where it goes
	// without saying (see Writer.Close). Merge.Stats sets it.
	Interfaces int
}

// MaxSnapLen is how many bytes of a frame are kept at most. It is the limit that
// the readers of capture files have agreed on.
const MaxSnapLen = 262144
