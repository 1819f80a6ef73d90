package fullscreen

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// decode reads the first key of what was typed, and how many bytes it took: 0 where
// there may be more to come. If nothing more comes (final), what is there counts.
func decode(typed []byte, final bool) (key Key, length int) {
	switch {
	case len(typed) == 0:
		return None, 0
	case typed[0] == byte(Escape):
		return decodeEscape(typed, final)
	case typed[0] == '\n':
		return Enter, 1
	case typed[0] == '\b':
		return Backspace, 1
	case !utf8.FullRune(typed) && !final:
		return None, 0
	}
	r, n := utf8.DecodeRune(typed)
	if r == utf8.RuneError {
		return None, n
	}
	return Key(r), n
}

// decodeEscape reads what begins with an escape character: the key of that name, or
// the sequence of another.
func decodeEscape(typed []byte, final bool) (Key, int) {
	if len(typed) == 1 {
		return orWait(Escape, 1, final)
	}
	switch typed[1] {
	case '[':
		return decodeControl(typed, final)
	case 'O': // SS3: keys of the keypad, and cursor keys in application mode
		if len(typed) == 2 {
			return orWait(Escape, 1, final)
		}
		return letterKey(typed[2]), 3
	}
	return Escape, 1
}

func orWait(key Key, length int, final bool) (Key, int) {
	if final {
		return key, length
	}
	return None, 0
}

// decodeControl reads a control sequence (ECMA-48, section 5.4): parameters, then
// a final byte. The Linux console has one of its own, which has `[` for the final
// byte and a letter behind it.
func decodeControl(typed []byte, final bool) (Key, int) {
	end := 2
	for end < len(typed) && typed[end] >= 0x20 && typed[end] < 0x40 {
		end++
	}
	console := end < len(typed) && typed[end] == '['
	if console {
		end++
	}
	switch {
	case end == len(typed):
		return orWait(Escape, 1, final)
	case typed[end] < 0x40 || typed[end] > 0x7e:
		return None, end // cut short by what is not part of it
	case console:
		return consoleKey(typed[end]), end + 1
	case typed[end] == '~':
		return numberKey(typed[2:end]), end + 1
	}
	return letterKey(typed[end]), end + 1
}

func letterKey(letter byte) Key {
	switch letter {
	case 'A':
		return Up
	case 'B':
		return Down
	case 'C':
		return Right
	case 'D':
		return Left
	case 'H':
		return Home
	case 'F':
		return End
	case 'M': // of the keypad
		return Enter
	case 'P', 'Q', 'R', 'S':
		return F1 - Key(letter-'P')
	}
	return None
}

func consoleKey(letter byte) Key {
	if letter >= 'A' && letter <= 'E' {
		return F1 - Key(letter-'A')
	}
	return None
}

// numberKey is the key of a sequence like ESC [ 5 ~, with modifiers behind a
// semicolon.
func numberKey(parameters []byte) Key {
	first, _, _ := bytes.Cut(parameters, []byte{';'})
	number, _ := strconv.Atoi(string(first))
	keys := [...]Key{
		1: Home, 2: Insert, 3: Delete, 4: End, 5: PageUp, 6: PageDown, 7: Home, 8: End,
		11: F1, 12: F2, 13: F3, 14: F4, 15: F5, 17: F6, 18: F7, 19: F8, 20: F9, 21: F10, 23: F11, 24: F12,
	}
	if number > 0 && number < len(keys) && keys[number] != 0 {
		return keys[number]
	}
	return None
}
