package bench

import (
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// payload is what is sent in bulk.
var payload = sync.OnceValue(func() []byte { return noise(writeSize) })

// noise is bytes that nothing on the way can make fewer.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b) // It has no end.
	return b
}

// send writes until the connection has carried its share, or the other end has
// enough.
func (p *party) send(s *stream) {
	socket, err := openSocket(s.conn.TCPConn, unix.SO_SNDTIMEO, min(writeBeat*time.Duration(len(p.streams)), readBeat))
	if err != nil {
		p.failed(s, "send", err)
		return
	}
	defer socket.close()
	left := p.params.share(s.index)
	b := payload()
	for (p.params.Bytes == 0 || left > 0) && !p.stopped.Load() {
		if p.params.Bytes > 0 {
			b = b[:min(uint64(len(b)), left)]
		}
		n, err := socket.write(b)
		if err != nil && err != errBeat {
			p.failed(s, "send", err)
			return
		}
		s.written.Add(uint64(n))
		left -= uint64(n)
	}
}
