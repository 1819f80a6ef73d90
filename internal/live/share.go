package live

// share fills in which part of all bytes each subflow carried.
func share(c *Connection, numbers *chunk[float64]) {
	var all uint64
	for i := range c.Subflows {
		all += countsOf(&c.Subflows[i]).sum()
	}
	// What else has arrived did so on subflows that are gone.
	if t := c.Info.Traffic; t != nil && !c.Info.Fallback {
		all = max(all, t.BytesAcked+t.BytesReceived)
	}
	for i := range c.Subflows {
		c.Paths[i].Share = part(numbers, countsOf(&c.Subflows[i]).sum(), all)
	}
}

func part(numbers *chunk[float64], of, all uint64) *float64 {
	if all == 0 {
		return nil
	}
	return numbers.of(float64(of) / float64(all))
}
