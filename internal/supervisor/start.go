package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// The commands of this program that the two processes run.
const (
	WatchCommand = "watch"
	ServeCommand = "serve"
)

// startMessage is what a new supervisor is told.
type startMessage struct {
	Topology *lab.Topology `json:"topology"`
	File     string        `json:"file,omitempty"`
	Folder   folder        `json:"folder"`
}

// Starting is a lab that somebody has to be told of.
type Starting struct {
	About *About
	conn  *conn
}

// Start has a lab built that stays up in the background, under the topology's
// name. It goes with this process until Confirm is called. file is where the
// topology comes from, for About.
func Start(ctx context.Context, topology *lab.Topology, file string) (*Starting, error) {
	f, err := ours()
	if err != nil {
		return nil, err
	}
	if err := f.forget(); err != nil {
		return nil, fmt.Errorf("start lab %s: %w", topology.Name, err)
	}
	c, err := launch(topology.Name)
	if err != nil {
		return nil, fmt.Errorf("start lab %s: %w", topology.Name, err)
	}
	// The lab answers to that too, when it has taken itself down.
	stop := context.AfterFunc(ctx, func() { _ = c.unix.CloseWrite() })
	r, err := c.start(&startMessage{topology, file, f})
	switch {
	case !stop():
		err = context.Cause(ctx)
	case errors.Is(err, errEnded):
		err = fmt.Errorf("start lab %s: %w", topology.Name, err)
	}
	if err != nil {
		c.awaitEnd()
		return nil, err
	}
	return &Starting{r.About, c}, nil
}

// awaitEnd waits until nothing is left of a lab that could not be built.
func (c *conn) awaitEnd() {
	defer c.close()
	_ = c.unix.CloseWrite()
	_ = c.unix.SetReadDeadline(time.Now().Add(downWait))
	for c.receive(&reply{}) == nil {
	}
}

func (c *conn) start(m *startMessage) (*reply, error) {
	if err := c.open(m); err != nil {
		return nil, err
	}
	return c.answer()
}

// Confirm makes the lab stay when this process ends.
func (s *Starting) Confirm() error {
	defer s.conn.close()
	if err := s.conn.send(word{}); err != nil {
		return fmt.Errorf("tell lab %s to stay: %w", s.About.Name, err)
	}
	return nil
}

// launch starts the process that watches over a lab, in a session of its own.
func launch(name string) (*conn, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	theirs := os.NewFile(uintptr(ends[1]), "socket")
	defer theirs.Close()
	c, err := connOf(os.NewFile(uintptr(ends[0]), "socket"))
	if err != nil {
		return nil, err
	}
	cmd := this(WatchCommand, name)
	cmd.Stdin, cmd.Dir = theirs, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		c.close()
		return nil, err
	}
	return c, cmd.Process.Release()
}

// this is this program with another command.
func this(words ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append([]string{"lab"}, words...)...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = os.Environ()
	return cmd
}

// connOf makes an inherited socket a connection.
func connOf(file *os.File) (*conn, error) {
	defer file.Close()
	c, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	socket, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, errors.New("not a Unix socket")
	}
	return newConn(socket), nil
}
