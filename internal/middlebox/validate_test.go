package middlebox_test

import (
	"errors"
	"strings"
	"testing"

	"allroads/internal/middlebox"
	"allroads/wire"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		rule  middlebox.Rule
		field string // "" if it is valid
		says  string
	}{
		{middlebox.Rule{Do: middlebox.Drop}, "", ""},
		{middlebox.Rule{Do: middlebox.Strip, Options: []wire.Subtype{0, 8, 15}, Packets: middlebox.SYNACK, After: 1 << 63}, "", ""},
		{middlebox.Rule{Do: middlebox.Rewrite, Find: "a", Replace: "b", Packets: middlebox.Any}, "", ""},
		{middlebox.Rule{}, "do", `do "": want drop, strip, reset or rewrite`},
		{middlebox.Rule{Do: "delay"}, "do", `do "delay": want`},
		{middlebox.Rule{Do: middlebox.Drop, Options: []wire.Subtype{1, 9}}, "options", "options subtype 9: want"},
		{middlebox.Rule{Do: middlebox.Strip, Options: []wire.Subtype{16}}, "options", "subtype 16"},
		{middlebox.Rule{Do: middlebox.Strip, Packets: "fin"}, "packets", `packets "fin": want any, syn, syn-ack or later`},
		{middlebox.Rule{Do: middlebox.Drop, Find: "a", Replace: "b"}, "find", `find "a": is for rewrite only`},
		{middlebox.Rule{Do: middlebox.Strip, Replace: "b"}, "replace", "is for rewrite only"},
		{middlebox.Rule{Do: middlebox.Rewrite}, "find", `find "": want the payload to look for`},
		{middlebox.Rule{Do: middlebox.Rewrite, Find: "ab", Replace: "c"}, "replace", `replace "c": want 2 bytes, as many as there are to find`},
		{middlebox.Rule{Do: middlebox.Rewrite, Find: "ab", Replace: strings.Repeat("c", 2000)}, "replace", `c"...: want 2 bytes`},
		{middlebox.Rule{Do: middlebox.Reset, Packets: "fin"}, "packets", "want any"},
	} {
		err := c.rule.Validate()
		if c.field == "" {
			if err != nil {
				t.Errorf("%+v: %v", c.rule, err)
			}
			continue
		}
		var wrong *middlebox.RuleError
		if !errors.As(err, &wrong) || wrong.Field != c.field || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 150 {
			t.Errorf("%+v: %v, want one about %s: %s", c.rule, err, c.field, c.says)
		}
	}
}

func TestResetIsForNftables(t *testing.T) {
	reset := middlebox.Rule{Do: middlebox.Reset, Options: []wire.Subtype{wire.SubtypeMPJoin}}
	if err := reset.Validate(); !errors.Is(err, middlebox.ErrNotSupported) {
		t.Errorf("%v", err)
	}
	b, err := middlebox.New([2][]middlebox.Rule{1: {{Do: middlebox.Drop}, reset}})
	if b != nil || !errors.Is(err, middlebox.ErrNotSupported) || !strings.HasPrefix(err.Error(), "rule 2 from end b: reset packets: not possible") {
		t.Errorf("%v", err)
	}
	for _, action := range middlebox.Actions {
		if err := (middlebox.Rule{Do: action, Packets: "none"}).Validate(); errors.Is(err, middlebox.ErrNotSupported) || err == nil {
			t.Errorf("%s: %v, want a wrong field", action, err)
		}
	}
}

func TestParseOption(t *testing.T) {
	for s := range wire.SubtypeMPTCPRst + 1 {
		if got, err := middlebox.ParseOption(strings.ToLower(s.String())); got != s || err != nil {
			t.Errorf("%v: %v, %v", s, got, err)
		}
	}
	for _, name := range []string{"", "mptcp", "mp_experimental", "subtype 9"} {
		if got, err := middlebox.ParseOption(name); err == nil || !strings.Contains(err.Error(), "mp_join") {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
}
