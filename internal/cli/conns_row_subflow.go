package cli

import (
	"fmt"

	"allroads/internal/live"
	"allroads/sockdiag"
)

func (v *connsView) subflow(f *sockdiag.Subflow, p *live.Path) []item {
	items := []item{state(f.State), {text: end(f.Local)}, {text: "-> " + end(f.Remote), near: true}}
	items = append(items, kind(f)...)
	if p.Stale {
		items = append(items, item{text: "stale", color: red})
	}
	items = append(items,
		item{text: "dev " + printable(orUnknown(p.Interface))},
		item{text: fmt.Sprintf("ids %d/%d", f.LocalID, f.RemoteID)},
		item{text: "rtt " + rtt(f.TCP.RTT)},
		item{text: fmt.Sprintf("cwnd %d", f.TCP.Cwnd)})
	share := p.Share
	if v.watching {
		share = p.ShareNow
		items = append(items, rates(p.Sent, p.Received)...)
	} else {
		items = append(items, item{text: "rate " + bits(float64(f.TCP.DeliveryRate))})
	}
	return append(items,
		item{text: "sent " + bytesText(f.TCP.BytesSent)},
		item{text: "received " + bytesText(f.TCP.BytesReceived)},
		item{text: fmt.Sprintf("retransmitted %d", f.TCP.Retransmissions)},
		item{text: "share " + percent(share)})
}

// kind is how a subflow came to be, and what it is for.
func kind(f *sockdiag.Subflow) []item {
	items := []item{{text: live.Role(f)}}
	switch f.Flags & (sockdiag.BackupLocal | sockdiag.BackupRemote) {
	case sockdiag.BackupLocal:
		items = append(items, item{text: "backup (this end)", color: yellow})
	case sockdiag.BackupRemote:
		items = append(items, item{text: "backup (the peer)", color: yellow})
	case sockdiag.BackupLocal | sockdiag.BackupRemote:
		items = append(items, item{text: "backup (both ends)", color: yellow})
	}
	return items
}
