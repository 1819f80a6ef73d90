package summary

import (
	"allroads/trace"
)

// goodput is that of the direction with more data.
func goodput(c *trace.Connection) trace.Rate {
	if c.ToClient.Bytes > c.ToServer.Bytes {
		return c.ToClient.Goodput
	}
	return c.ToServer.Goodput
}

// load is what a subflow carried: new data of the stream, or where a connection fell
// back, which has none any more, payload of TCP.
func load(c *trace.Connection, d *trace.Carried) uint64 {
	if c.Fallback != nil {
		return max(d.Payload, d.Bytes)
	}
	return d.Bytes
}

// moved is how many bytes a connection carried each way.
func moved(c *trace.Connection) (toServer, toClient uint64) {
	if c.Fallback == nil {
		return c.ToServer.Bytes, c.ToClient.Bytes
	}
	for i := range c.Subflows {
		toServer += load(c, &c.Subflows[i].ToServer)
		toClient += load(c, &c.Subflows[i].ToClient)
	}
	return toServer, toClient
}
