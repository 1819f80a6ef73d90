package packets_test

import (
	"strings"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
	"allroads/wire"
)

// TestCutOptions cuts a segment at each byte: its options are whole or said to be
// cut, and a whole one stays as it is.
func TestCutOptions(t *testing.T) {
	capable := wire.AppendMPCapable(nil, &wire.MPCapable{
		Version: 1, Flags: wire.FlagH, HasSenderKey: true, HasReceiverKey: true, SenderKey: clientKey, ReceiverKey: serverKey,
	})
	p := raw(segment(client, server, trace.ACK, append([]byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, capable...), "payload"))
	for size, want := range map[int]string{
		72: "<ts 1:2> | MP_CAPABLE v1 flags=H sender_key=0x0123456789abcdef receiver_key=0xfedcba9876543210 (HMAC-SHA256; sender token",
		71: "<ts 1:2> | MP_CAPABLE cut off: 0x1e1401010123456789abcdeffedcba98765432",
		56: "<ts 1:2> | MP_CAPABLE cut off: 0x1e140101",
		55: "<ts 1:2> | MP_CAPABLE cut off: 0x1e1401",
		54: "<ts 1:2> | MPTCP option cut off: 0x1e14",
		53: "<ts 1:2> | MPTCP option cut off: 0x1e",
		52: "<ts 1:2,options cut off>",
		51: "<kind 8 cut off: 0x080a0000000100000",
		41: "<options cut off>",
		40: "<options cut off>",
		39: "10.0.0.2 > 10.0.0.1 TCP, headers cut off, 39 of 79 bytes",
		20: "10.0.0.2 > 10.0.0.1 TCP, headers cut off, 20 of 79 bytes",
		19: "IPv4, headers cut off, 19 of 79 bytes",
		0:  "headers cut off, 0 of 79 bytes",
	} {
		got := printed(t, packets.Options{}, cut(p, size))
		if len(got) != 1 || !strings.Contains(got[0], want) || strings.Contains(got[0], "malformed") {
			t.Errorf("%d bytes: %q, want %q", size, got, want)
		}
	}
}
