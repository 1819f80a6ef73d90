package trace

// unwrap32 widens a 32-bit number that counts on from near, a 64-bit one, to
// the 64-bit number with these low bits that is closest to near.
func unwrap32(low uint32, near uint64) uint64 {
	return near + uint64(int64(int32(low-uint32(near))))
}
