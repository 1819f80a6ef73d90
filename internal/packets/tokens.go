package packets

import "allroads/wire"

// tokens remember which version the connection of a token is of: an MP_JOIN does
// not say. A token gives way to another of the same low bits.
type tokens [1 << tokenBits]tokenVersion

const tokenBits = 14

type tokenVersion struct {
	token   wire.Token
	version wire.Version
	known   bool
}

func (t *tokens) learn(token wire.Token, v wire.Version) {
	t[token&(1<<tokenBits-1)] = tokenVersion{token, v, true}
}

func (t *tokens) version(token wire.Token) (v wire.Version, known bool) {
	entry := &t[token&(1<<tokenBits-1)]
	return entry.version, entry.known && entry.token == token
}
