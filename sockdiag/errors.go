package sockdiag

import "errors"

// ErrNotSupported is wrapped by the error when this system cannot list MPTCP
// sockets. The text says which option of the kernel is missing.
var ErrNotSupported = errors.New("listing multipath tcp connections not supported")
