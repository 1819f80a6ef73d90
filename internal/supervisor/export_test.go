package supervisor

import "net"

// Folder is where a user's labs have their sockets.
type Folder = folder

func (f folder) Listen(name string) (*net.UnixListener, error) { return f.listen(name) }
func (f folder) Leave(name string, l *net.UnixListener)        { f.leave(name, l) }
func (f folder) Forget() error                                 { return f.forget() }
func (f folder) Locked(do func() error) error                  { return f.locked(do) }
func (f folder) Record(name, text string) error {
	return f.record(name, &namespaces{ids: []string{text}})
}
func Accept(c *net.UnixConn) (files int, op string, err error) { return acceptOnce(c) }

var (
	Identity = identity
	KillIn   = killIn
	ErrTaken = errTaken
	ParentOf = parentOf
)

func acceptOnce(c *net.UnixConn) (int, string, error) {
	var r request
	files, err := newConn(c).accept(&r)
	defer closeAll(files)
	return len(files), r.Op, err
}
