package convert

import "golang.org/x/sys/unix"

// Exit is how a program ended.
type Exit struct {
	Code   int    `json:"code"`             // 128 and the signal's number, if one has killed it
	Signal string `json:"signal,omitempty"` // its name
	number unix.Signal
}

func exitOf(status unix.WaitStatus) Exit {
	if status.Signaled() {
		s := status.Signal()
		return Exit{128 + int(s), unix.SignalName(s), s}
	}
	return Exit{Code: status.ExitStatus()}
}

// Repeat ends this process by the signal that has killed the program, if one has, so
// that whoever waits for us sees the same. The core, if any, was the program's.
func (e Exit) Repeat() {
	if e.number == 0 {
		return
	}
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	undergo(e.number)
}
