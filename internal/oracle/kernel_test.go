package oracle_test

import (
	"net/netip"
	"slices"
	"testing"

	"allroads/mptcp"
	"allroads/trace"
)

// dying are the scenes in which a subflow dies with data on it.
var dying = []string{"handover", "payload of one path rewritten"}

// TestTotalsLikeKernel compares what each kernel said of its end, right before the
// close, with what the capture at that host shows.
func TestTotalsLikeKernel(t *testing.T) {
	compared := 0
	everyScene(t, func(t *testing.T, r *recording) {
		for _, p := range r.pairs {
			for side := range hosts {
				if !p.asked {
					t.Fatal("the kernels were not asked")
				}
				c := connectionOf(r.reports[side], p.begun)
				if c == nil {
					// Without MP_CAPABLE in any packet, it is plain TCP to whoever looks.
					if p.said[side].status.Kind == mptcp.KindMPTCP || r.reports[side].Packets.NotMPTCP == 0 {
						t.Errorf("%s: no connection of %v", hosts[side], p.begun)
					}
					continue
				}
				kernel := &kernelEnd{t, side, &p.said[side], c, slices.Contains(dying, r.scene.name)}
				kernel.connection()
				kernel.subflows()
				compared++
			}
		}
	})
	if !t.Failed() && compared < 50 {
		t.Errorf("%d ends compared", compared)
	}
}

func connectionOf(r *trace.Report, begun netip.AddrPort) *trace.Connection {
	for i := range r.Connections {
		if c := &r.Connections[i]; c.Subflows[0].Client == begun {
			return c
		}
	}
	return nil
}

// kernelEnd is a connection at one end, as its kernel and as the packets say.
type kernelEnd struct {
	t    *testing.T
	side int
	said *said
	seen *trace.Connection

	died bool // a subflow, with data on it
}

func (k *kernelEnd) same(what string, kernel, packets uint64) {
	k.t.Helper()
	if kernel != packets {
		k.t.Errorf("%s, connection %d: %s is %d by the kernel, %d by the packets", hosts[k.side], k.seen.ID, what, kernel, packets)
	}
}

// streams are what this end sent and received.
func (k *kernelEnd) streams() (sent, received *trace.Stream) {
	if k.side == client {
		return &k.seen.ToServer, &k.seen.ToClient
	}
	return &k.seen.ToClient, &k.seen.ToServer
}

func (k *kernelEnd) connection() {
	if fell := k.said.status.Kind != mptcp.KindMPTCP; fell != (k.seen.Fallback != nil) {
		k.t.Errorf("%s: %s by the kernel, fallback %v by the packets", hosts[k.side], k.said.status, k.seen.Fallback)
	}
	info := k.said.info
	if info == nil {
		return
	}
	if len(k.seen.Keys) != 2 {
		k.t.Errorf("%s: %d keys", hosts[k.side], len(k.seen.Keys))
		return
	}
	sent, received := k.streams()
	mine, theirs := &k.seen.Keys[k.side], &k.seen.Keys[1-k.side]
	k.same("token", uint64(info.Token), uint64(mine.Token))
	k.same("write_seq", info.WriteSeq-mine.IDSN-1, sent.Bytes+sent.Unseen)
	k.same("snd_una", info.SndUna-mine.IDSN-1, sent.AckedTo-fin(sent))
	k.same("rcv_nxt", info.RcvNxt-theirs.IDSN-1, received.Bytes+received.Unseen)
	if traffic := info.Traffic; traffic != nil {
		k.same("bytes_sent", traffic.BytesSent, sent.Bytes)
		k.same("bytes_received", traffic.BytesReceived, received.Bytes)
		k.same("bytes_acked", traffic.BytesAcked, sent.Bytes)
		k.again(traffic.BytesRetransmitted)
	}
}

// fin is the place of a DATA_FIN, which came when the kernel had been asked.
func fin(s *trace.Stream) uint64 {
	if s.Ended {
		return 1
	}
	return 0
}

// again compares how much of the stream was carried a second time. That is not to be
// compared where a subflow died: of what was on it, the kernel counts what its queue had
// not sent, too, when it gives it to another subflow; and when it is reset, nothing
// (mptcp: __mptcp_retransmit_pending_data).
func (k *kernelEnd) again(kernel uint64) {
	sum := uint64(0)
	for i := range k.seen.Subflows {
		sent, _ := k.carried(&k.seen.Subflows[i])
		sum += sent.Reinjected
	}
	if k.died {
		return
	}
	k.same("bytes_retrans", kernel, sum)
}

func (k *kernelEnd) carried(s *trace.Subflow) (sent, received *trace.Carried) {
	if k.side == client {
		return &s.ToServer, &s.ToClient
	}
	return &s.ToClient, &s.ToServer
}

func (k *kernelEnd) subflows() {
	for _, flow := range k.said.subflows {
		seen := k.find(&flow)
		if seen == nil {
			k.t.Errorf("%s: no subflow %v - %v", hosts[k.side], flow.Local, flow.Remote)
			continue
		}
		if under(flow) && k.died {
			continue
		}
		sent, received := k.carried(seen)
		k.same("tcpi_bytes_sent", flow.BytesSent, sent.Payload+sent.Retransmitted)
		k.same("tcpi_bytes_retrans", flow.BytesRetransmitted, sent.Retransmitted)
		if !k.died || flow.BytesReceived > received.Payload { // What came behind a hole is not received.
			k.same("tcpi_bytes_received", flow.BytesReceived, received.Payload)
		}
		if hosts[k.side] == seen.OpenedBy {
			k.same("tcpi_total_retrans", uint64(flow.Retransmissions), sent.Resent+seen.SYNs-1)
			k.same("tcpi_bytes_acked", flow.BytesAcked, sent.Acknowledged+1) // The SYN counts as one.
		}
	}
	if k.said.info == nil {
		return
	}
	open, established := uint64(0), uint64(0)
	for _, flow := range k.said.subflows {
		if flow.State == mptcp.StateEstablished {
			open++
		}
	}
	for i := range k.seen.Subflows {
		if flow := &k.seen.Subflows[i]; flow.Established && (flow.EndedAt == 0 || flow.EndedAt > k.said.at) {
			established++
		}
	}
	k.same("subflows", open, established)
}

func (k *kernelEnd) find(flow *mptcp.Subflow) *trace.Subflow {
	local, remote := flow.Local, flow.Remote
	if k.side == server {
		local, remote = remote, local
	}
	for i := range k.seen.Subflows {
		if s := &k.seen.Subflows[i]; s.Client == local && s.Server == remote {
			return s
		}
	}
	return nil
}
