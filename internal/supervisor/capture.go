package supervisor

import (
	"errors"
	"os"
	"time"

	"allroads/lab"
)

// reportSpan is how often a client is told how many packets there are.
const reportSpan = 200 * time.Millisecond

// capture writes packets until the client says a word or goes, or the lab does.
func (s *server) capture(c *conn, links []string, files []*os.File) (*reply, error) {
	if len(files) != 1 {
		return nil, errors.New("capture: wanted one file")
	}
	capture, err := s.network.Capture(files[0], links...)
	if err != nil {
		return nil, err
	}
	s.report(c, capture)
	dropped, err := s.stop(capture)
	return &reply{Packets: capture.Packets(), Dropped: dropped, Done: true}, err
}

// report tells the client how it goes until it is to end.
func (s *server) report(c *conn, capture *lab.Capture) {
	ended := make(chan struct{})
	go func() {
		_ = c.receive(&word{}) // A word ends it, and so does having none to expect.
		close(ended)
	}()
	tick := time.NewTicker(reportSpan)
	defer tick.Stop()
	for {
		if c.send(&reply{Packets: capture.Packets()}) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			return
		case <-s.ctx.Done():
			return
		case <-capture.Done():
			return
		}
	}
}

// stop ends a capture; but a lab that goes down does not wait for a pipe that
// nobody reads.
func (s *server) stop(capture *lab.Capture) (dropped uint64, err error) {
	stopped := make(chan struct{})
	go func() {
		dropped, err = capture.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
		return dropped, err
	case <-s.ctx.Done():
	}
	select {
	case <-stopped:
		return dropped, err
	case <-time.After(lastWait):
		return 0, errors.New("capture: the lab has been taken down, and nobody reads what is written")
	}
}
