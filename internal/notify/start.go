package notify

import (
	"fmt"
	"os"

	"allroads/internal/seccomp"
)

// Start starts a program, as os.StartProcess does, with a filter on it and on all that it
// starts. What the filter picks has to be answered from now on (Serve): until then, such
// calls wait. The listener is the caller's to close. Nothing of ours is in the program
// but the filter; and no_new_privs, when the answer says so.
func Start(path string, argv []string, attr *os.ProcAttr, o Options) (*os.Process, *seccomp.Installed, error) {
	var process *os.Process
	var installed *seccomp.Installed
	err := onThread(func() (err error) {
		if installed, err = Filter(o).Notify(); err != nil {
			return err
		}
		if process, err = os.StartProcess(path, argv, attr); err != nil {
			installed.Listener.Close()
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("start %s: %w", path, err)
	}
	return process, installed, nil
}
