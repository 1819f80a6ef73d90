package bench

import "golang.org/x/sys/unix"

// Bytes of one read and of one write, as iperf3 has them. Larger ones carry no
// more.
const (
	readSize  = 128 << 10
	writeSize = 128 << 10
)

// receive reads a connection until it has carried its share, or counts no more.
func (p *party) receive(s *stream) {
	socket, err := openSocket(s.conn.TCPConn, unix.SO_RCVTIMEO, readBeat)
	if err != nil {
		p.failed(s, "receive", err)
		return
	}
	defer socket.close()
	read := socket.read
	if p.params.Discard {
		read = socket.discard
	}
	left := p.params.share(s.index)
	b := make([]byte, readSize)
	for (p.params.Bytes == 0 || left > 0) && !p.finished() {
		if p.params.Bytes > 0 {
			b = b[:min(uint64(len(b)), left)]
		}
		n, err := read(b)
		if err != nil && err != errBeat {
			p.failed(s, "receive", err)
			return
		}
		left -= uint64(n) // Of no meaning without Bytes.
		if n > 0 {
			p.arrived()
			if !s.count(n) {
				return
			}
		}
	}
}
