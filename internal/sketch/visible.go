package sketch

// Visible is how many columns a text takes on a terminal, without the sequences that
// colour it (ECMA-48, SGR).
func Visible(text string) int {
	columns, escape := 0, false
	for _, r := range text {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			columns += runeColumns(r)
		}
	}
	return columns
}
