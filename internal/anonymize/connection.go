package anonymize

import "allroads/wire"

// side is an end of a connection.
type side uint8

const (
	client side = iota
	server
)

func (s side) other() side { return 1 - s }

// connection is what the first reading learns of an MPTCP connection.
type connection struct {
	version wire.Version
	keys    [2]key
}

// key is one side's, and what it is replaced by.
type key struct {
	known    bool
	from, to wire.Key
	idsn     uint64 // of from
	shift    uint64 // from its data sequence numbers to those of to
	near     uint64 // the end of what was mapped, before it is shifted
}

// owner is the end that a token names.
type owner struct {
	conn *connection
	side side
}

// learn takes a side's key; the first one counts, as for package trace.
func (t *table) learn(c *connection, of side, from wire.Key) {
	k := &c.keys[of]
	if k.known {
		return
	}
	*k = key{known: true, from: from, to: t.key(from)}
	token, idsn := c.version.Derive(k.from)
	replaced, shifted := c.version.Derive(k.to)
	k.idsn, k.near, k.shift = idsn, idsn+1, shifted-idsn
	t.owners[token] = owner{c, of}
	t.tokens[token] = replaced
}

// key replaces a key, whether anything is known of it or not.
func (t *table) key(from wire.Key) wire.Key {
	return wire.Key(t.secret.number(forKey, uint64(from), 0))
}

// token replaces a token: by the one of its key's replacement, if the key is
// anywhere in the capture.
func (t *table) token(from wire.Token) wire.Token {
	if to, known := t.tokens[from]; known {
		return to
	}
	return wire.Token(t.secret.number(forToken, uint64(from), 0))
}

func (t *table) nonce(from uint32) uint32 {
	return uint32(t.secret.number(forNonce, uint64(from), 0))
}
