//go:build !amd64 && !386 && !arm64 && !riscv64

package rewrite

// supported: nobody gets as far as to call any of these.
const supported = false

func setProtocol(int, uint64) error { return ErrNotSupported }
func setResult(int, int64) error    { return ErrNotSupported }
func skip(int) error                { return ErrNotSupported }
func (c *call) repeat(int) error    { return ErrNotSupported }
func (c *call) rewritable() bool    { return false }
func (c *call) skipped(int) error   { return ErrNotSupported }
