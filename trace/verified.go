package trace

import "bytes"

// truths are what Subflow.Verified points to.
var truths = [2]bool{false, true}

// verified says whether the handshake shows that a subflow is of its connection: by
// keys that are the same in all packets and give the first data sequence number, or
// by the HMACs of both ends. It is nil when the packets do not tell.
func (f *subflow) verified() *bool {
	switch {
	case f.conn.plain, f.conn.inferred != "":
		return nil
	case f.initial:
		return f.verifiedByKeys()
	}
	j := &f.join
	switch {
	case j.hasSynAck && j.canSynAck && !bytes.Equal(j.synAck.HMAC[:8], j.synAckHMAC[:8]),
		j.hasAck && j.canAckHMAC && j.ack.HMAC != j.ackHMAC:
		return &truths[0]
	case !j.hasSynAck || !j.canSynAck || !j.hasAck || !j.canAckHMAC:
		return nil
	}
	return &truths[1]
}

func (f *subflow) verifiedByKeys() *bool {
	sure := f.established()
	for of := range f.conn.keys {
		switch key, start := &f.conn.keys[of], f.conn.streams[of].start; {
		case key.conflict != "" || start == startWrong:
			return &truths[0]
		case !key.known:
			sure = false
		}
	}
	if !sure {
		return nil
	}
	return &truths[1]
}
