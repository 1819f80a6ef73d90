package bench

import (
	"bytes"
	"fmt"
	"net"
	"time"
)

// stranger reads a little more of somebody who speaks something else, to tell
// what.
func stranger(conn net.Conn, began []byte) error {
	const enough = 64 // bytes
	_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	more := make([]byte, enough)
	n, _ := conn.Read(more)
	return &StrangerError{append(bytes.Clone(began), more[:n]...)}
}

// Sizes and values of iperf3's protocol.
const (
	iperfCookie = 37 // bytes that its client begins with: letters and digits, and a 0
	iperfParams = 9  // the byte its server asks for parameters with
	iperfDenied = 0xff
)

// speaks says what somebody speaks who began so.
func speaks(began []byte) string {
	switch {
	case bytes.HasPrefix(began, []byte("HTTP/")), bytes.HasPrefix(began, []byte("GET ")),
		bytes.HasPrefix(began, []byte("POST ")), bytes.HasPrefix(began, []byte("HEAD ")):
		return "it speaks http"
	case bytes.HasPrefix(began, []byte("SSH-")):
		return "it speaks ssh"
	case len(began) > 2 && (began[0] == 0x15 || began[0] == 0x16) && began[1] == 3:
		return "it speaks tls"
	case isIperf(began):
		return "it speaks iperf3"
	}
	return fmt.Sprintf("it began with %.16q", began)
}

func isIperf(began []byte) bool {
	if len(began) == 1 && (began[0] == iperfParams || began[0] == iperfDenied) {
		return true
	}
	if len(began) != iperfCookie || began[iperfCookie-1] != 0 {
		return false
	}
	for _, c := range began[:iperfCookie-1] {
		if !(c >= 'a' && c <= 'z' || c >= '2' && c <= '7') {
			return false
		}
	}
	return true
}
