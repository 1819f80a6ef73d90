package capture

import "errors"

// ErrNotSupported is what Open's error wraps when the kernel has no packet
// sockets (CONFIG_PACKET) or an interface has no Ethernet frames.
var ErrNotSupported = errors.New("not supported")
