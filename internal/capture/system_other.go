//go:build !linux

package capture

import "runtime"

// system names the operating system.
func system() string { return runtime.GOOS }
