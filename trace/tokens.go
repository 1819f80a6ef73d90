package trace

import (
	"encoding/json"

	"allroads/wire"
)

// Tokens are those of a connection, which its MP_JOINs have: of the client's key, and
// of the server's.
type Tokens struct {
	Client KnownToken `json:"client"`
	Server KnownToken `json:"server"`
}

// KnownToken is a token, or in JSON null when it is not known.
type KnownToken struct {
	Token wire.Token
	Known bool
}

func (t KnownToken) is(token wire.Token) bool { return t.Known && t.Token == token }

// String is the token, or "?".
func (t KnownToken) String() string {
	if !t.Known {
		return "?"
	}
	return t.Token.String()
}

// MarshalJSON gives null for what is not known.
func (t KnownToken) MarshalJSON() ([]byte, error) {
	if !t.Known {
		return []byte("null"), nil
	}
	return []byte(`"` + t.Token.String() + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *KnownToken) UnmarshalJSON(text []byte) error {
	*t = KnownToken{Known: string(text) != "null"}
	return json.Unmarshal(text, &t.Token)
}

// tokens are known by their keys, or by joins to where the keys were not captured.
func (c *connection) tokens() Tokens {
	known := func(of side) KnownToken {
		state := &c.keys[of]
		return KnownToken{state.token, state.known || state.token != 0}
	}
	return Tokens{known(client), known(server)}
}
