package pathmanager_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"allroads/pathmanager"

	"pgregory.net/rapid"
)

func TestParseToken(t *testing.T) {
	for text, want := range map[string]pathmanager.Token{
		"83119fc5": 0x83119fc5, "0x83119fc5": 0x83119fc5, "83119FC5": 0x83119fc5, "0": 0, "1": 1, "00000001": 1,
		"ffffffff": 1<<32 - 1, "0xf3285895": 0xf3285895,
	} {
		if got, err := pathmanager.ParseToken(text); err != nil || got != want {
			t.Errorf("ParseToken(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0x", "x", "83119fc5a", "000000001", "-1", "+1", "1_0", " 1", "1 ", "0x0x1", "10.0.0.1:80", "0X1"} {
		if got, err := pathmanager.ParseToken(text); err == nil {
			t.Errorf("ParseToken(%q) = %s, want an error", text, got)
		}
	}
}

func TestTokenText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		token := pathmanager.Token(rapid.Uint32().Draw(r, "token"))
		if got, want := token.String(), fmt.Sprintf("%08x", uint32(token)); got != want {
			r.Fatalf("String() = %q, want %q", got, want)
		}
		text, err := json.Marshal(token)
		var back pathmanager.Token
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back != token {
			r.Fatalf("%s in JSON is %s and back %s, %v", token, text, back, err)
		}
	})
}
