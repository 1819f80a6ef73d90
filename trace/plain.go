package trace

// tcp takes what a segment of plain TCP acknowledges: its payload is the stream.
func (f *subflow) tcp(a *Analyzer, d direction, s *Segment) {
	if s.Flags&ACK == 0 || !f.halves[d.other()].started {
		return
	}
	acked := f.halves[d.other()].acked
	if acked < behindSYN {
		return
	}
	of := f.sender(d.other())
	stream := &f.conn.streams[of]
	at := acked - behindSYN
	stream.promised = max(stream.promised, at, stream.covered.end())
	f.arrived(of, at)
	if window, known := f.window(d, s); known {
		stream.window.offer(at, window, f.last)
	}
}
