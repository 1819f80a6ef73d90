package fullscreen

import (
	"slices"
	"testing"
)

// decodeAll reads all keys, as the reader does when nothing more comes.
func decodeAll(typed []byte) (keys []Key) {
	for {
		key, n := decode(typed, true)
		if n == 0 {
			return keys
		}
		keys, typed = append(keys, key), typed[n:]
	}
}

// What terminals send: xterm, in both modes of its cursor keys, rxvt, the Linux
// console, tmux.
var sequences = map[string][]Key{
	"a":                                   {'a'},
	"aé漢":                                 {'a', 'é', '漢'},
	"\r":                                  {Enter},
	"\n":                                  {Enter},
	"\b":                                  {Backspace},
	"\x7f":                                {Backspace},
	"\x0c":                                {CtrlL},
	"\x1b":                                {Escape},
	"\x1bq":                               {Escape, 'q'},
	"\x1b\x1b":                            {Escape, Escape},
	"\x1b[A":                              {Up},
	"\x1bOA":                              {Up},
	"\x1b[1;5B":                           {Down},
	"\x1b[C\x1b[D":                        {Right, Left},
	"\x1b[H\x1b[F":                        {Home, End},
	"\x1bOH\x1bOF":                        {Home, End},
	"\x1b[1~\x1b[4~\x1b[7~\x1b[8~":        {Home, End, Home, End},
	"\x1b[2~\x1b[3~\x1b[5~\x1b[6~":        {Insert, Delete, PageUp, PageDown},
	"\x1b[5;2~":                           {PageUp},
	"\x1bOP\x1bOQ\x1bOR\x1bOS":            {F1, F2, F3, F4},
	"\x1b[11~\x1b[12~\x1b[13~\x1b[14~":    {F1, F2, F3, F4},
	"\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[E": {F1, F2, F3, F4, F5},
	"\x1b[15~\x1b[17~\x1b[18~\x1b[19~":    {F5, F6, F7, F8},
	"\x1b[20~\x1b[21~\x1b[23~\x1b[24~":    {F9, F10, F11, F12},
	"\x1bOM":                              {Enter},
	"\x1b[200~x":                          {None, 'x'},
	"\x1b[99999999999999999999~x":         {None, 'x'},
	"\x1b[?1;2cx":                         {None, 'x'},
	"\x1b[1;\x01x":                        {None, 1, 'x'},
	"\x1b[":                               {Escape, '['},
	"\x1b[1;":                             {Escape, '[', '1', ';'},
	"\x1bO":                               {Escape, 'O'},
	"\xffx":                               {None, 'x'},
	"\xc3":                                {None},
}

func TestDecode(t *testing.T) {
	for typed, want := range sequences {
		if got := decodeAll([]byte(typed)); !slices.Equal(got, want) {
			t.Errorf("%q: keys %d, want %d", typed, got, want)
		}
	}
}

// TestDecodeSplit: a sequence that comes in two pieces is the same key, and a piece
// alone is none while the rest may come.
func TestDecodeSplit(t *testing.T) {
	for typed, want := range sequences {
		for at := range len(typed) {
			var keys []Key
			rest := []byte(typed[:at])
			take := func(final bool) {
				for {
					key, n := decode(rest, final)
					if n == 0 {
						return
					}
					keys, rest = append(keys, key), rest[n:]
				}
			}
			take(false)
			rest = append(rest, typed[at:]...)
			take(true)
			if !slices.Equal(keys, want) {
				t.Errorf("%q, %q: keys %d, want %d", typed[:at], typed[at:], keys, want)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for typed := range sequences {
		f.Add([]byte(typed))
	}
	f.Fuzz(func(t *testing.T, typed []byte) {
		taken := 0
		for rest := typed; len(rest) > 0; {
			if _, n := decode(rest, false); n < 0 || n > len(rest) {
				t.Fatalf("%q: %d bytes of %d", rest, n, len(rest))
			}
			_, n := decode(rest, true)
			if n < 1 || n > len(rest) {
				t.Fatalf("%q: %d bytes at the end", rest, n)
			}
			rest, taken = rest[n:], taken+n
		}
		if taken != len(typed) {
			t.Errorf("%q: %d bytes read", typed, taken)
		}
	})
}
