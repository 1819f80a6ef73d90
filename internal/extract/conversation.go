package extract

import (
	"bufio"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// Conversation writes what both sides said, for people: a line in front of each turn,
// and a sign of who speaks in front of each line of it. What a terminal would take for
// a command is written as \x1b, and a backslash as \\.
type Conversation struct {
	w       *bufio.Writer
	paint   func(fromServer bool, text string) string
	hex     bool
	begun   bool
	server  bool   // who speaks
	next    int64  // offset behind what was written
	line    []byte // of the turn, which is not complete
	partial []byte // of a character; in hex, of a line
	at      int64  // offset of that
}

// NewConversation writes to w; as a hex dump on request. paint colours what a side
// says.
func NewConversation(w io.Writer, hex bool, paint func(fromServer bool, text string) string) *Conversation {
	return &Conversation{w: bufio.NewWriterSize(w, 64<<10), hex: hex, paint: paint}
}

// Add writes a part.
func (c *Conversation) Add(p *Part) error {
	if !c.begun || p.FromServer != c.server || p.Offset != c.next {
		c.endTurn()
		c.beginTurn(p)
	}
	c.next = p.Offset + int64(len(p.Data))
	if c.hex {
		c.dump(p.Data)
	} else {
		c.text(p.Data)
	}
	_, err := c.w.Write(nil)
	return err
}

// Close writes what is left, not a part of it anywhere else.
func (c *Conversation) Close() error {
	c.endTurn()
	return c.w.Flush()
}

func (c *Conversation) sign() string {
	if c.server {
		return "< "
	}
	return "> "
}

func (c *Conversation) beginTurn(p *Part) {
	who := "client"
	if p.FromServer {
		who = "server"
	}
	c.begun, c.server, c.at = true, p.FromServer, p.Offset
	c.put(fmt.Sprintf("%s%s, from byte %d", c.sign(), who, p.Offset))
}

func (c *Conversation) endTurn() {
	if c.hex && len(c.partial) > 0 {
		c.dumpLine()
	}
	for _, b := range c.partial {
		c.line = fmt.Appendf(c.line, `\x%02x`, b)
	}
	if c.partial = c.partial[:0]; len(c.line) > 0 {
		c.putLine()
	}
}

// put writes a line in the colour of who speaks.
func (c *Conversation) put(line string) {
	fmt.Fprintln(c.w, c.paint(c.server, line))
}

func (c *Conversation) putLine() {
	c.put(c.sign() + string(c.line))
	c.line = c.line[:0]
}

// maxLine is how many bytes a line has at most that has no end.
const maxLine = 4096

// text writes lines, as far as they are complete.
func (c *Conversation) text(data []byte) {
	if len(c.partial) > 0 {
		data = append(c.partial, data...)
		c.partial = nil
	}
	for len(data) > 0 {
		if !utf8.FullRune(data) {
			c.partial = append(c.partial[:0], data...)
			return
		}
		r, size := utf8.DecodeRune(data)
		c.character(r, data[:size])
		data = data[size:]
	}
}

func (c *Conversation) character(r rune, raw []byte) {
	switch {
	case r == '\n':
		if len(c.line) == 0 {
			c.line = append(c.line, ' ')
		}
		c.putLine()
		return
	case r == '\\':
		c.line = append(c.line, `\\`...)
	case r == '\r':
		c.line = append(c.line, `\r`...)
	case r == '\t', unicode.IsPrint(r) && (r != utf8.RuneError || len(raw) > 1):
		c.line = append(c.line, raw...)
	default:
		for _, b := range raw {
			c.line = fmt.Appendf(c.line, `\x%02x`, b)
		}
	}
	if len(c.line) >= maxLine {
		c.putLine()
	}
}
