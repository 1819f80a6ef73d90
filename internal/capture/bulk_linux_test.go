package capture

import (
	"fmt"
	"slices"
	"testing"
)

// TestBulk: whatever the pieces, each frame comes, also what waits when the capture
// is stopped; and there are fewer of them.
func TestBulk(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{Bulk: true, SnapLen: 500, RingBytes: 4 << 20})
	if r.socket.blockSize != bulkBlock || r.socket.blocks() != 8 {
		t.Errorf("%d blocks of %d bytes", r.socket.blocks(), r.socket.blockSize)
	}
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, 2000, 500)
	await(t, r, 2000)
	if r.Ready() != r.block.ready() {
		t.Error("Ready is not what the block says")
	}
	if got := numbers(t, drain(t, r)); !slices.Equal(got, countTo(2000)) {
		t.Errorf("%d packets", len(got))
	}
	if got, want := stats(t, r), (Stats{Packets: 2000}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

// TestReady: Read does not wait when it says so.
func TestReady(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{SnapLen: 1000})
	if r.Ready() {
		t.Error("ready without a frame")
	}
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, 500, 1000)
	var p Packet
	for n := range 500 { // more than a block
		ready := n > 0 && r.Ready()
		if err := r.Read(&p); err != nil {
			t.Fatal(err)
		}
		if r.block.left > 0 && !r.Ready() || ready && !r.held {
			t.Fatalf("frame %d: not ready, with %d left", n, r.block.left)
		}
	}
	if r.Ready() {
		t.Error("ready when all is read")
	}
}

// TestAnyAlone: how many interfaces there will be is not known, so that nothing can
// be counted behind them.
func TestAnyAlone(t *testing.T) {
	ns := loopback(t)
	any, err := OpenAny(ns, Options{RingBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer any.Close()
	if _, err := NewMerge(any, listen(t, ns, []string{"lo"}, Options{RingBytes: 1 << 20})); err == nil {
		t.Error("merged with another")
	}
	if names := any.Names(); !slices.Equal(names, []string{"lo"}) {
		t.Errorf("names %v", names)
	}
}
