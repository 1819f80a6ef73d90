package trace

// extent is how far a stream has come at the data level, or that of plain TCP.
func (c *connection) extent(of side) Extent {
	s := &c.streams[of]
	out := Extent{Connection: c.id, FromServer: of == server, Delivered: int64(s.acked)}
	if s.ended {
		out.Ended, out.End = true, int64(s.finAt)
		out.Delivered = min(out.Delivered, out.End)
	}
	return out
}

// fallenExtent takes how far a stream has come by the account of TCP, after a
// fallback.
func (f *subflow) fallenExtent(out *Extent, h *half) {
	acked := h.acked
	if h.fin {
		acked = min(acked, h.finAt)
	}
	if f.conn.plain || !h.started {
		return
	}
	if at, known := f.beyond(h, acked); known && acked >= behindSYN {
		out.Delivered = max(out.Delivered, int64(at))
	}
	if at, known := f.beyond(h, h.finAt); known && h.fin {
		out.Ended, out.End = true, max(out.End, int64(at))
	}
}
