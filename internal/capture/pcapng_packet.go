package capture

const (
	packetBytes = 20 // of a packet block's body without data
	simpleBytes = 4  // of a simple packet block's body without data

	optionDropCount = 4      // epb_dropcount
	unknownDrops    = 0xffff // of an old packet block
)

// packet reads an enhanced packet block, or the obsolete one that has the number
// of drops in the upper half of the interface's.
func (r *pcapng) packet(p *Packet, body []byte, old bool) error {
	if len(body) < packetBytes {
		return r.file.damaged("a packet block of %d bytes", len(body)+blockAround)
	}
	id, captured := order32(body, r.big), order32(body[12:], r.big)
	if old {
		id = uint32(order16(body, r.big))
	}
	i, err := r.at(id)
	if err != nil {
		return err
	}
	if captured > uint32(len(body)-packetBytes) {
		return r.file.damaged("a packet of %d bytes in a block of %d", captured, len(body)+blockAround)
	}
	var ok bool
	ticks := uint64(order32(body[4:], r.big))<<32 | uint64(order32(body[8:], r.big))
	if p.Time, ok = r.clocks[i].time(ticks); !ok {
		return r.file.damaged("a packet at time %#x, after 2262", ticks)
	}
	p.Interface = r.first + i
	end := packetBytes + int(captured)
	p.Data = body[packetBytes:end:end]
	p.Length = frameLength(order32(body[16:], r.big), captured)
	if padded := (end + 3) &^ 3; old || padded < len(body) {
		n, known := r.drops(body, padded, old)
		r.dropped(p.Interface, n, known)
	}
	return nil
}

// drops returns how many packets were lost between the packet and the one before.
func (r *pcapng) drops(body []byte, options int, old bool) (n uint64, known bool) {
	if old {
		n := order16(body[2:], r.big)
		return uint64(n), n != unknownDrops
	}
	for b := body[options:]; len(b) > 0; {
		code, value, rest, ok := nextOption(b, r.big)
		if !ok {
			break
		}
		if code == optionDropCount && len(value) == 8 {
			return order64(value, r.big), true
		}
		b = rest
	}
	return 0, false
}

func (r *pcapng) dropped(at int, n uint64, known bool) {
	if known {
		i := &r.file.interfaces[at]
		i.Drops, i.DropsKnown = i.Drops+n, true
	}
}

// simple reads a simple packet block: of the section's first interface, cut at
// its snap length, without a time.
func (r *pcapng) simple(p *Packet, body []byte) error {
	if len(body) < simpleBytes {
		return r.file.damaged("a packet block of %d bytes", len(body)+blockAround)
	}
	i, err := r.at(0)
	if err != nil {
		return err
	}
	p.Interface = r.first + i
	length := order32(body, r.big)
	captured := length
	if snapLen := r.file.interfaces[p.Interface].SnapLen; snapLen > 0 {
		captured = min(captured, snapLen)
	}
	if captured > uint32(len(body)-simpleBytes) {
		return r.file.damaged("a packet of %d bytes in a block of %d", captured, len(body)+blockAround)
	}
	end := simpleBytes + int(captured)
	p.Data = body[simpleBytes:end:end]
	p.Length = frameLength(length, captured)
	p.Time = r.file.last
	r.file.stats.Untimed++
	return nil
}
