package cli

import (
	"math"

	"allroads/internal/live"
	"allroads/mptcp"
	"allroads/sockdiag"
)

func (v *connsJSON) connection(c *live.Connection) {
	j, listens := &v.json, c.State == mptcp.StateListen
	j.open('{')
	j.textIf("netns", c.Space, c.Space != "")
	j.text("state", c.State.String())
	j.at("local_address", "local_port", c.Local)
	j.at("remote_address", "remote_port", c.Remote)
	j.truth("ipv6_socket", c.V6Socket)
	j.truth("port_endpoint", c.PortEndpoint)
	j.hex("token", c.Info.Token, !listens)
	j.truth("fallback", c.Info.Fallback)
	j.truth("changing", c.Changing)
	v.counts(c)
	v.info(&c.Info, !listens)
	j.real("sent_rate", c.Sent, 1)
	j.real("received_rate", c.Received, 1)
	j.number("receive_queue", uint64(c.RecvQueue))
	j.number("send_queue", uint64(c.SendQueue))
	j.number("uid", uint64(c.UID))
	j.numberIf("inode", c.Inode, c.Inode != 0)
	j.large("cookie", c.Cookie, true)
	j.numberIf("mark", uint64(c.Mark), c.Mark != 0)
	v.whose(c)
	j.key("subflows")
	j.open('[')
	for i := range c.Subflows {
		j.element()
		v.subflow(&c.Subflows[i], &c.Paths[i])
	}
	j.close(']')
	j.close('}')
}

func (v *connsJSON) counts(c *live.Connection) {
	j := &v.json
	limit, known := c.Limit()
	j.number("subflows_established", uint64(c.Established()))
	j.number("subflows_pending", uint64(c.Pending()))
	j.number("subflows_closing", uint64(c.Closing()))
	j.numberIf("subflows_limit", uint64(limit), known)
}

// info writes what the socket itself would answer, where a listener has zeros.
func (v *connsJSON) info(i *mptcp.Info, connected bool) {
	j := &v.json
	j.number("extra_subflows", uint64(i.ExtraSubflows))
	j.number("announced", uint64(i.AddAddrSignal))
	j.number("announcements_accepted", uint64(i.AddAddrAccepted))
	j.truth("remote_key_received", i.RemoteKeyReceived)
	j.truth("checksums", i.Checksums)
	j.large("write_seq", i.WriteSeq, connected)
	j.large("snd_una", i.SndUna, connected)
	j.large("rcv_nxt", i.RcvNxt, connected)
	var t mptcp.Traffic
	told := i.Traffic != nil && connected
	if told {
		t = *i.Traffic
	}
	j.numberIf("bytes_sent", t.BytesSent, told)
	j.numberIf("bytes_acked", t.BytesAcked, told)
	j.numberIf("bytes_received", t.BytesReceived, told)
	j.numberIf("bytes_retransmitted", t.BytesRetransmitted, told)
	var idle mptcp.Idle
	if told = i.Idle != nil && connected; told {
		idle = *i.Idle
	}
	j.seconds("since_sent", idle.DataSent, told)
	j.seconds("since_received", idle.DataReceived, told)
	j.seconds("since_acked", idle.AckReceived, told)
}

func (v *connsJSON) whose(c *live.Connection) {
	j := &v.json
	if !c.OwnersKnown {
		j.null("owners")
	} else {
		j.key("owners")
		j.open('[')
		for _, o := range c.Owners {
			j.element()
			j.open('{')
			j.number("pid", uint64(o.PID))
			j.text("name", o.Name)
			j.close('}')
		}
		j.close(']')
	}
	j.numberIf("cgroup_id", c.CgroupID, c.CgroupID != 0)
	j.textIf("cgroup", c.Cgroup, c.Cgroup != "")
}

func (v *connsJSON) subflow(f *sockdiag.Subflow, p *live.Path) {
	j := &v.json
	j.open('{')
	j.text("state", f.State.String())
	j.text("role", live.Role(f))
	j.at("local_address", "local_port", f.Local)
	j.at("remote_address", "remote_port", f.Remote)
	j.textIf("interface", p.Interface, p.Interface != "")
	j.numberIf("bound_interface", uint64(f.Interface), f.Interface != 0)
	j.number("local_id", uint64(f.LocalID))
	j.number("remote_id", uint64(f.RemoteID))
	j.hex("local_token", f.LocalToken, true)
	j.hex("remote_token", f.RemoteToken, f.RemoteToken != 0)
	j.truth("backup_local", f.Flags&sockdiag.BackupLocal != 0)
	j.truth("backup_remote", f.Flags&sockdiag.BackupRemote != 0)
	j.truth("fully_established", f.Flags&sockdiag.FullyEstablished != 0)
	j.number("flags", uint64(f.Flags))
	j.truth("stale", p.Stale)
	j.real("share", p.Share, 4)
	j.real("share_now", p.ShareNow, 4)
	j.real("sent_rate", p.Sent, 1)
	j.real("received_rate", p.Received, 1)
	v.tcp(&f.TCP)
	j.number("receive_queue", uint64(f.RecvQueue))
	j.number("send_queue", uint64(f.SendQueue))
	v.details(f.Details)
	j.close('}')
}

func (v *connsJSON) tcp(t *sockdiag.TCPInfo) {
	j := &v.json
	j.seconds("rtt", t.RTT, t.RTT != 0)
	j.seconds("rtt_deviation", t.RTTVar, t.RTT != 0)
	j.seconds("min_rtt", t.MinRTT, t.MinRTT != 0)
	j.seconds("rto", t.RTO, true)
	j.number("cwnd", uint64(t.Cwnd))
	j.numberIf("ssthresh", uint64(t.SSThresh), t.SSThresh < math.MaxInt32)
	j.number("mss", uint64(t.MSS))
	j.numberIf("pacing_rate", t.PacingRate, t.PacingRate != math.MaxUint64)
	j.number("delivery_rate", t.DeliveryRate)
	j.number("bytes_sent", t.BytesSent)
	j.number("bytes_acked", t.BytesAcked)
	j.number("bytes_received", t.BytesReceived)
	j.number("bytes_retransmitted", t.BytesRetransmitted)
	j.number("segments_sent", uint64(t.SegmentsOut))
	j.number("segments_received", uint64(t.SegmentsIn))
	j.number("segments_retransmitted", uint64(t.Retransmissions))
	j.number("segments_lost", uint64(t.Lost))
	j.number("segments_unacked", uint64(t.Unacked))
	j.number("timeouts", uint64(t.Timeouts))
	j.seconds("since_sent", t.Sent, true)
	j.seconds("since_received", t.Received, true)
	j.seconds("since_acked", t.AckReceived, true)
}

func (v *connsJSON) details(d *sockdiag.Details) {
	j := &v.json
	if d == nil {
		j.null("mapping")
		return
	}
	j.key("mapping")
	j.open('{')
	j.large("data_seq", d.MapDSN, true)
	j.number("subflow_seq", uint64(d.MapSSN))
	j.number("length", uint64(d.MapLength))
	j.number("subflow_offset", uint64(d.SubflowOffset))
	j.number("write_seq", uint64(d.WriteSeq))
	j.close('}')
}
