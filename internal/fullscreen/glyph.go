package fullscreen

import (
	"math/bits"
	"unicode"
)

// unknown is shown for what cannot be.
const unknown = '?'

// glyph is what a cell shows for a rune: itself if it takes one column on every
// terminal. Names of programs hold what somebody wants, so that what takes two
// columns or none, or controls the terminal, must not reach it.
func glyph(r rune) rune {
	switch {
	case r >= ' ' && r <= '~':
		return r
	case r < 0xa1 || r == 0xad:
		return unknown
	case r < 0x300, r >= 0x370 && r < 0x483, r >= 0x48a && r < 0x530:
		if unicode.IsPrint(r) {
			return r
		}
	case r >= 0x2010 && r <= 0x2027, r >= 0x2190 && r < 0x2200, // punctuation, arrows
		r >= 0x2500 && r < 0x25a0,  // lines and blocks
		r >= 0x2800 && r <= 0x28ff: // braille
		return r
	}
	return unknown
}

// ascii stands for a glyph on a terminal that may not know it.
func ascii(r rune) rune {
	switch {
	case r <= '~':
		return r
	case r >= 0x2800 && r <= 0x28ff:
		return level(bits.OnesCount8(uint8(r-0x2800)), 8)
	case r >= '▁' && r <= '█':
		return level(int(r-'▁')+1, 8)
	}
	for _, pair := range [...][2]rune{
		{'─', '-'}, {'━', '='}, {'│', '|'}, {'┄', '.'}, {'╌', '-'}, {'═', '='}, {'░', '.'}, {'╳', 'X'},
		{'…', '~'}, {'–', '-'}, {'·', '.'}, {'↑', '^'}, {'↓', 'v'}, {'←', '<'}, {'→', '>'},
		{'▲', '^'}, {'▼', 'v'}, {'▶', '>'}, {'µ', 'u'},
	} {
		if pair[0] == r {
			return pair[1]
		}
	}
	return unknown
}

// level is a character that looks as full as part of whole.
func level(part, whole int) rune {
	const levels = " .:-=+*#"
	return rune(levels[(part*(len(levels)-1)+whole-1)/whole])
}
