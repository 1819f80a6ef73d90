package fullscreen

// Key is a key that was typed: a rune, or one of the constants.
type Key rune

// Keys that are control characters.
const (
	Enter     Key = '\r'
	Tab       Key = '\t'
	Escape    Key = 0x1b
	Backspace Key = 0x7f
)

// CtrlL is the usual wish for a screen that is drawn anew.
const CtrlL Key = 'L' - '@'

// Keys that are no characters. Those with a modifier are taken for those without.
const (
	None Key = -1 - iota // none that is known here
	Up
	Down
	Right
	Left
	Home
	End
	PageUp
	PageDown
	Insert
	Delete
	F1
	F2
	F3
	F4
	F5
	F6
	F7
	F8
	F9
	F10
	F11
	F12

	// Redraw is no key: the screen's size is another, or it was somebody else's
	// meanwhile. All has to be drawn anew.
	Redraw

	// Gone is no key either: there is no terminal any more, and nothing comes from
	// it.
	Gone
)
