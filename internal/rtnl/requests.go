package rtnl

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// requests asks the kernel, one question after the other.
type requests struct {
	mutex    sync.Mutex
	socket   *socket
	sequence uint32
	under    bool // an answer has not been read to its end
}

func openRequests(netns int) (*requests, error) {
	s, err := openSocket(netns)
	if err != nil {
		return nil, err
	}
	return &requests{socket: s}, nil
}

func (r *requests) close() error { return r.socket.close() }

// attempts is how often a dump is begun again that was interrupted (NLM_F_DUMP_INTR).
const attempts = 10

// errInterrupted is a dump during which the kernel's table changed, every time.
var errInterrupted = errors.New("the table changed while it was read")

// dump calls each with all messages of an answer, valid until it returns, and begin
// before the first one, also when the dump has to be begun again.
func (r *requests) dump(kind uint16, body []byte, begin func(), each func(message)) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var err error
	for range attempts {
		begin()
		err = r.ask(kind, unix.NLM_F_DUMP, body, each)
		if !errors.Is(err, errInterrupted) && !errors.Is(err, errTruncated) {
			break
		}
	}
	return err
}

// get asks for one thing.
func (r *requests) get(kind uint16, body []byte, each func(message)) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.ask(kind, 0, body, each)
}

// ask sends a request and reads the answer. What is left of the one before is read
// first: the kernel begins no dump before the last one has ended.
func (r *requests) ask(kind, flags uint16, body []byte, each func(message)) error {
	if r.under {
		rest := answer{sequence: r.sequence, dump: true, each: func(message) {}}
		if err := r.read(&rest); r.under {
			return err
		}
	}
	r.sequence++
	if err := r.socket.send(kind, flags, r.sequence, body); err != nil {
		return err
	}
	r.under = true
	a := answer{sequence: r.sequence, dump: flags&unix.NLM_F_DUMP != 0, each: each}
	return r.read(&a)
}

// answerTime is how long a part of an answer may take; as a rule it is there at once.
const answerTime = 10 * time.Second

// maxKicks is how often in one answer the kernel may lack memory.
const maxKicks = 5

func (r *requests) read(a *answer) error {
	truncated, kicks := false, 0
	for !a.over {
		if err := r.socket.conn.SetReadDeadline(time.Now().Add(answerTime)); err != nil {
			return err
		}
		b, err := r.socket.receive(true)
		switch {
		case errors.Is(err, errTruncated) && a.dump:
			truncated = true // The end is read all the same.
		case errors.Is(err, unix.ENOBUFS) && kicks < maxKicks:
			// It goes on with a dump only when a message is read, so it is asked for one.
			kicks++
			time.Sleep(time.Duration(kicks) * time.Millisecond)
			err = r.socket.send(unix.NLMSG_NOOP, unix.NLM_F_ACK, 0, nil)
			if err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			a.read(b)
		}
	}
	r.under = false
	if a.err == nil && truncated {
		return errTruncated
	}
	return a.err
}

// answer is what the kernel says to a request.
type answer struct {
	sequence uint32
	dump     bool
	each     func(message)

	over bool
	err  error
}

// read takes a datagram apart.
func (a *answer) read(b []byte) {
	for !a.over {
		m, rest, ok := split(b)
		if !ok {
			return
		}
		b = rest
		if m.sequence == a.sequence {
			a.take(m)
		}
	}
}

func (a *answer) take(m message) {
	if m.flags&unix.NLM_F_DUMP_INTR != 0 {
		a.err = errInterrupted
	}
	switch {
	case m.kind == unix.NLMSG_ERROR || m.kind == unix.NLMSG_DONE:
		a.over = true
		if err := refusal(m); err != nil {
			a.err = err
		}
	case m.kind >= unix.NLMSG_MIN_TYPE:
		a.each(m)
		a.over = !a.dump
	}
}

// refusal is what the kernel says at the end of an answer, with its own text.
func refusal(m message) error {
	host := binary.NativeEndian
	if len(m.body) < 4 {
		if m.kind == unix.NLMSG_DONE {
			return nil
		}
		return fmt.Errorf("answer without an error number")
	}
	number := int32(host.Uint32(m.body))
	if number == 0 {
		return nil
	}
	refused := &nl.Error{Errno: unix.Errno(-number)}
	attributes := m.body[4:]
	if m.kind == unix.NLMSG_ERROR { // The request stands in front.
		size := unix.NLMSG_HDRLEN
		if m.flags&unix.NLM_F_CAPPED == 0 && len(attributes) >= size {
			size = int(host.Uint32(attributes))
		}
		if size < 0 || size > len(attributes) {
			return refused
		}
		attributes = attributes[min((size+3)&^3, len(attributes)):]
	}
	if m.flags&unix.NLM_F_ACK_TLVS != 0 {
		text := nl.Attributes(attributes).Find(unix.NLMSGERR_ATTR_MSG)
		refused.Message = string(bytes.TrimRight(text, "\x00"))
	}
	return refused
}
