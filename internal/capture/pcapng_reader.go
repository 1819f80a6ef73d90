package capture

// What else a pcapng file may hold (draft-ietf-opsawg-pcapng, section 4). Blocks
// not listed are skipped: names, secrets, custom and unknown ones.
const (
	blockOldPacket    = 2
	blockSimplePacket = 3

	blockHead    = 8  // type and length
	blockAround  = 12 // with the length at the end
	sectionBytes = 28 // of a section header block without options

	bigOrderMagic = 0x4d3c2b1a

	// maxBlock is the longest block that is read; those skipped may have any length.
	maxBlock = maxRecord + 1<<16
)

// A pcapng reads a pcapng file.
type pcapng struct {
	file   *File
	window *window
	big    bool    // the section is big-endian
	first  int     // of the section's interfaces
	clocks []clock // of the section's interfaces
}

func newPcapng(f *File) (*pcapng, error) {
	r := &pcapng{file: f, window: &f.window}
	if !f.window.fill(blockAround) {
		return nil, f.cut("the file header")
	}
	_, err := r.block(&Packet{})
	return r, err
}

func (r *pcapng) read(p *Packet) error {
	for {
		if found, err := r.block(p); found || err != nil {
			return err
		}
	}
}

// block reads a block and reports whether it held a packet.
func (r *pcapng) block(p *Packet) (found bool, err error) {
	w := r.window
	if w.left() < blockAround && !w.fill(blockAround) {
		return false, r.file.between("a block")
	}
	b := w.ahead()
	kind := order32(b, r.big)
	if kind == blockSection {
		if err := r.begin(b); err != nil {
			return false, err
		}
	}
	length := order32(b[4:], r.big)
	if length < blockAround || length%4 != 0 {
		return false, r.file.damaged("a block of %d bytes, not a multiple of 4 from 12 on", length)
	}
	switch kind {
	case blockSection, blockInterface, blockStatistics, blockPacket, blockOldPacket, blockSimplePacket:
		return r.known(kind, length, p)
	}
	return false, r.pass(length)
}

// known reads a block that is not skipped.
func (r *pcapng) known(kind, length uint32, p *Packet) (found bool, err error) {
	w := r.window
	if length > maxBlock {
		return false, r.file.damaged("a block of %d bytes, more than %d", length, maxBlock)
	}
	if w.left() < int(length) && !w.fill(int(length)) {
		return false, r.file.cut("a block")
	}
	b := w.bytes[w.at : w.at+int(length)]
	if last := order32(b[length-4:], r.big); last != length {
		return false, r.disagree(length, last)
	}
	body := b[blockHead : length-4]
	switch kind {
	case blockPacket:
		found, err = true, r.packet(p, body, false)
	case blockOldPacket:
		found, err = true, r.packet(p, body, true)
	case blockSimplePacket:
		found, err = true, r.simple(p, body)
	case blockInterface:
		err = r.describe(body)
	case blockStatistics:
		err = r.statistics(body)
	case blockSection:
		err = r.section(body)
	}
	if err == nil {
		w.at += int(length)
	}
	return found, err
}

// pass skips a block without holding it.
func (r *pcapng) pass(length uint32) error {
	w, start := r.window, r.window.offset()
	if !w.skip(int64(length)-4) || !w.fill(4) {
		return damagedFrom(start, r.file.cut("a block"))
	}
	if last := order32(w.ahead(), r.big); last != length {
		return damagedFrom(start, r.disagree(length, last))
	}
	w.at += 4
	return nil
}

func (r *pcapng) disagree(first, last uint32) error {
	return r.file.damaged("a block of %d bytes by its head, of %d by its end", first, last)
}

// begin finds the byte order of a section from the first 12 bytes of its header.
func (r *pcapng) begin(b []byte) error {
	switch order32(b[blockHead:], false) {
	case byteOrderMagic:
		r.big = false
	case bigOrderMagic:
		r.big = true
	default:
		return r.file.damaged("a section header without byte order, % x", b[blockHead:blockAround])
	}
	return nil
}

// section starts anew, as interfaces are those of a section.
func (r *pcapng) section(body []byte) error {
	if len(body) < sectionBytes-blockAround {
		return r.file.damaged("a section header of %d bytes", len(body)+blockAround)
	}
	major, minor := order16(body[4:], r.big), order16(body[6:], r.big)
	if major != 1 || minor != 0 && minor != 2 {
		return r.file.damaged("pcapng version %d.%d, not 1.0", major, minor)
	}
	r.first, r.clocks = len(r.file.interfaces), r.clocks[:0]
	return nil
}
