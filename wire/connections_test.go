package wire_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"allroads/wire"
)

// connection follows one connection of testdata/connections.txt and checks every number that can be derived.
type connection struct {
	t       *testing.T
	version wire.Version
	keys    map[string]wire.Key
	nonces  map[string]uint32
	mapped  map[string]bool // sides that have sent data
	checked map[string]int  // how often each check was made, in all connections
}

var peer = map[string]string{"c": "s", "s": "c"}

func TestConnections(t *testing.T) {
	checked := map[string]int{}
	var conn *connection
	for _, line := range testLines(t, "testdata/connections.txt") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			conn = &connection{t, wire.V1, map[string]wire.Key{}, map[string]uint32{}, map[string]bool{}, checked}
		default:
			conn.line(line)
		}
	}
	for _, name := range []string{"echoed key", "token", "syn/ack hmac", "ack hmac", "add_addr hmac", "first dsn",
		"checksum", "bad checksum", "mp_capable checksum", "infinite mapping", "fastclose key"} {
		if checked[name] == 0 {
			t.Errorf("no check of: %s", name)
		}
	}
}

func (c *connection) check(name, line string, ok bool) {
	c.t.Helper()
	c.checked[name]++
	if !ok {
		c.t.Errorf("%s is wrong: %s", name, line)
	}
}

// line is: side, option in hex, and for a segment with a checksum the payload in quotes, after "bad" if it was
// changed on the way.
func (c *connection) line(line string) {
	side, rest, _ := strings.Cut(line, " ")
	raw, rest, _ := strings.Cut(rest, " ")
	quoted, bad := strings.CutPrefix(rest, "bad ")
	payload := ""
	if quoted != "" {
		var err error
		if payload, err = strconv.Unquote(quoted); err != nil {
			c.t.Fatalf("%s: %v", line, err)
		}
	}
	v, err := wire.Option(unhex(c.t, raw)).Decode()
	if err != nil {
		c.t.Fatalf("%s: %v", line, err)
	}
	switch v := v.(type) {
	case *wire.MPCapable:
		c.capable(side, line, v, payload)
	case *wire.MPJoin:
		c.join(side, line, v)
	case *wire.AddAddr:
		c.addAddr(side, line, v)
	case *wire.DSS:
		c.dss(side, line, v, payload, bad)
	case *wire.MPFastClose:
		c.check("fastclose key", line, v.Key == c.keys[peer[side]])
	}
}

func (c *connection) capable(side, line string, m *wire.MPCapable, payload string) {
	c.version = m.Version
	if m.HasSenderKey {
		c.keys[side] = m.SenderKey
	}
	if m.HasReceiverKey {
		c.check("echoed key", line, m.ReceiverKey == c.keys[peer[side]])
	}
	if m.HasData {
		c.mapped[side] = true
	}
	if m.HasChecksum {
		want := wire.Checksum(c.version.IDSN(m.SenderKey)+1, 1, m.DataLength, []byte(payload))
		c.check("mp_capable checksum", line, m.Checksum == want)
	}
}

func (c *connection) join(side, line string, j *wire.MPJoin) {
	if j.Form != wire.JoinACK {
		c.nonces[side] = j.Nonce
	}
	other := peer[side]
	if j.Form == wire.JoinSYN {
		c.check("token", line, j.Token == c.version.Token(c.keys[other]))
		return
	}
	want := c.version.JoinHMAC(c.keys[side], c.keys[other], c.nonces[side], c.nonces[other])
	c.check(j.Form.String()+" hmac", line, bytes.HasPrefix(want[:], j.TruncatedHMAC()))
}

func (c *connection) addAddr(side, line string, a *wire.AddAddr) {
	if a.HasHMAC {
		want := wire.AddAddrHMAC(c.keys[side], c.keys[peer[side]], a.AddressID, a.Addr, a.Port)
		c.check("add_addr hmac", line, a.HMAC == want)
	}
}

func (c *connection) dss(side, line string, d *wire.DSS, payload string, bad bool) {
	if !d.HasMap {
		return
	}
	if !c.mapped[side] {
		c.mapped[side] = true
		c.check("first dsn", line, d.DSN == c.version.IDSN(c.keys[side])+1)
	}
	switch {
	case d.InfiniteMapping():
		c.check("infinite mapping", line, d.Checksum == 0)
	case d.HasChecksum:
		same := d.Checksum == wire.Checksum(d.DSN, d.SSN, d.Length, []byte(payload))
		if bad {
			c.check("bad checksum", line, !same)
		} else {
			c.check("checksum", line, same)
		}
	}
}
