package live

// chunk makes many small things in a few large pieces of memory. They are used
// once, and live as long as one of their neighbours does.
type chunk[T any] struct{ free []T }

const chunkLen = 1 << 10

func (c *chunk[T]) take(n int) []T {
	if len(c.free) < n {
		c.free = make([]T, max(n, chunkLen))
	}
	taken := c.free[:n:n]
	c.free = c.free[n:]
	return taken
}

func (c *chunk[T]) of(value T) *T {
	taken := c.take(1)
	taken[0] = value
	return &taken[0]
}
