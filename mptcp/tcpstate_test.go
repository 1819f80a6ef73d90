package mptcp

import "testing"

func TestTCPStateString(t *testing.T) {
	for state, want := range map[TCPState]string{
		0: "TCPState(0)", StateEstablished: "ESTABLISHED", StateSynSent: "SYN_SENT", 11: "CLOSING",
		13: "BOUND_INACTIVE", 14: "TCPState(14)", 255: "TCPState(255)",
	} {
		if got := state.String(); got != want {
			t.Errorf("state %d is %q, want %q", uint8(state), got, want)
		}
	}
}
