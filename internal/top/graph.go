package top

import "math"

// A braille character is a block of two by four dots (Unicode, U+2800): a column's
// bits, from the bottom.
var brailleLeft, brailleRight = [4]rune{0x40, 0x04, 0x02, 0x01}, [4]rune{0x80, 0x20, 0x10, 0x08}

// graph draws values as filled columns, two in a cell, the newest at the right end.
// A value that is known shows a dot at least, one less than 0 nothing.
func graph(values []float32, width, height int, top float32) []string {
	rows := make([][]rune, height)
	for y := range rows {
		rows[y] = make([]rune, width)
		for x := range rows[y] {
			rows[y][x] = ' '
		}
	}
	values = values[max(0, len(values)-2*width):]
	for i, value := range values {
		column := 2*width - len(values) + i
		for dot := range dots(value, top, 4*height) {
			bits := brailleLeft
			if column%2 == 1 {
				bits = brailleRight
			}
			cell := &rows[height-1-dot/4][column/2]
			*cell = max(*cell, 0x2800) | bits[dot%4]
		}
	}
	lines := make([]string, height)
	for y := range rows {
		lines[y] = string(rows[y])
	}
	return lines
}

func dots(value, top float32, height int) int {
	switch {
	case value < 0:
		return 0
	case top <= 0:
		return 1
	}
	return 1 + int(math.Round(float64(min(value/top, 1))*float64(height-1)))
}

// highest is the largest of values, less than 0 if none is known.
func highest(values []float32) (top float32) {
	top = -1
	for _, value := range values {
		top = max(top, value)
	}
	return top
}

// bar draws a part of a whole, 0 to 1.
func bar(part float64, width int) string {
	full := int(math.Round(part * float64(width)))
	cells := make([]rune, width)
	for i := range cells {
		cells[i] = '░'
		if i < full {
			cells[i] = '█'
		}
	}
	return string(cells)
}
