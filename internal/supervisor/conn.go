package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// conn carries messages in JSON. The first byte brings the files that belong to
// the first message.
type conn struct {
	unix    *net.UnixConn
	decoder *json.Decoder
	mu      sync.Mutex // of the encoder
	encoder *json.Encoder
}

func newConn(c *net.UnixConn) *conn {
	return &conn{unix: c, decoder: json.NewDecoder(c), encoder: json.NewEncoder(c)}
}

func (c *conn) close() { c.unix.Close() }

// open sends the first message.
func (c *conn) open(message any, files ...*os.File) error {
	var rights []byte
	if len(files) > 0 {
		var descriptors []int
		for _, file := range files {
			descriptors = append(descriptors, int(file.Fd()))
		}
		rights = unix.UnixRights(descriptors...)
	}
	if _, _, err := c.unix.WriteMsgUnix([]byte{'\n'}, rights, nil); err != nil {
		return err
	}
	return c.send(message)
}

// accept receives the first message.
func (c *conn) accept(message any) ([]*os.File, error) {
	space := make([]byte, unix.CmsgLen(maxFiles*4)) // Others are closed by the kernel.
	_, n, _, _, err := c.unix.ReadMsgUnix(make([]byte, 1), space)
	if err != nil {
		return nil, err
	}
	files, err := received(space[:n])
	if err == nil {
		err = c.receive(message)
	}
	if err != nil {
		closeAll(files)
		return nil, err
	}
	return files, nil
}

const maxFiles = 3

func received(control []byte) (files []*os.File, err error) {
	if len(control) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, err
	}
	for i := range messages {
		descriptors, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			continue // About something else.
		}
		for _, fd := range descriptors {
			files = append(files, os.NewFile(uintptr(fd), "the file"))
		}
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		file.Close()
	}
}

func (c *conn) send(message any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.encoder.Encode(message)
}

func (c *conn) receive(message any) error { return c.decoder.Decode(message) }

// errEnded is that the lab has ended without an answer.
var errEnded = errors.New("the lab has ended")

// answer receives a reply; one that is an error becomes one.
func (c *conn) answer() (*reply, error) {
	var r reply
	if err := c.receive(&r); err != nil {
		return nil, ended(err)
	}
	if r.Error != "" {
		return nil, errors.New(r.Error)
	}
	return &r, nil
}

// ended tells the end of the other side from other errors.
func ended(err error) error {
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, unix.ECONNRESET, unix.EPIPE} {
		if errors.Is(err, end) {
			return errEnded
		}
	}
	if errors.Is(err, net.ErrClosed) {
		return errors.New("interrupted, as it did not answer")
	}
	return err
}

// sameUser refuses others than this process's user. (The folder's mode has kept
// them out already, but for root.)
func (c *conn) sameUser() error {
	raw, err := c.unix.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	controlled := raw.Control(func(fd uintptr) {
		peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err = errors.Join(controlled, err); err != nil {
		return err
	}
	if int(peer.Uid) != os.Geteuid() {
		return fmt.Errorf("another user's process %d", peer.Pid)
	}
	return nil
}
