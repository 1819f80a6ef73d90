package extract

import "fmt"

// hexLine is how many bytes a line of a dump has.
const hexLine = 16

// dump writes lines of a dump, as far as they are complete.
func (c *Conversation) dump(data []byte) {
	for len(data) > 0 {
		n := min(hexLine-len(c.partial), len(data))
		c.partial, data = append(c.partial, data[:n]...), data[n:]
		if len(c.partial) == hexLine {
			c.dumpLine()
		}
	}
}

func (c *Conversation) dumpLine() {
	line := fmt.Appendf(nil, "%s%08x ", c.sign(), c.at)
	for i := range hexLine {
		if i == hexLine/2 {
			line = append(line, ' ')
		}
		if i < len(c.partial) {
			line = fmt.Appendf(line, " %02x", c.partial[i])
		} else {
			line = append(line, "   "...)
		}
	}
	line = append(line, "  "...)
	for _, b := range c.partial {
		if b < ' ' || b > '~' {
			b = '.'
		}
		line = append(line, b)
	}
	c.put(string(line))
	c.at += int64(len(c.partial))
	c.partial = c.partial[:0]
}
