package capture

const (
	// shareBlocks is how many blocks a ring of a merge has at least. While it
	// is read, the merge holds up to four: the kernel hands one over each 8
	// milliseconds or later, and it stays for some 30. As many are left for
	// bursts.
	shareBlocks = 8

	// sharedBytes is what rings take together when nobody says.
	sharedBytes = 256 << 20
)

// Share returns o for one of several rings that are merged: RingBytes, which is
// for all of them, is divided. 0 stands for 256 MiB, of which one ring has at
// most 16.
//
// A ring has 8 blocks at least, so that many rings may take more than RingBytes
// after all. A block holds a frame of the snap length: 8 of them are 4 MiB where
// SnapLen is 0, and 512 KiB where it is 65280 or less. Rings are never swapped out.
// One that gets more than a quarter of its size within a few milliseconds may
// drop packets that Ring.Read alone would have saved; Stats tells.
func (o Options) Share(rings int) Options {
	whole, err := o.withDefaults()
	if err != nil || rings < 1 {
		return o // Open will say.
	}
	each := o.RingBytes / rings
	if o.RingBytes == 0 {
		each = min(defaultRing, sharedBytes/rings)
	}
	o.RingBytes = max(each, shareBlocks*blockSize(whole.SnapLen))
	return o
}
