package netcat

// crlf ends lines with CR LF. A CR that is there already is enough, also when it
// came in the piece before.
type crlf struct{ afterCR bool }

func (c *crlf) appendTo(to, from []byte) []byte {
	for _, b := range from {
		if b == '\n' && !c.afterCR {
			to = append(to, '\r')
		}
		to = append(to, b)
		c.afterCR = b == '\r'
	}
	return to
}
