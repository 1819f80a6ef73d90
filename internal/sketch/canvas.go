package sketch

import "strings"

// canvas is a page of terminal cells. It grows as it is drawn on.
type canvas [][]string

// put writes s from column x on. Columns and rows count from 0.
func (c *canvas) put(x, y int, s string) {
	for _, r := range s {
		n := runeColumns(r)
		if n == 0 {
			(*c)[y][x-1] += string(r) // clean text does not begin with one
			continue
		}
		c.grow(x+n, y)
		(*c)[y][x] = string(r)
		if n == 2 {
			(*c)[y][x+1] = ""
		}
		x += n
	}
}

func (c *canvas) grow(width, y int) {
	for len(*c) <= y {
		*c = append(*c, nil)
	}
	for len((*c)[y]) < width {
		(*c)[y] = append((*c)[y], " ")
	}
}

// String is the page without spaces at the ends of the lines.
func (c *canvas) String() string {
	var b strings.Builder
	for _, row := range *c {
		b.WriteString(strings.TrimRight(strings.Join(row, ""), " "))
		b.WriteByte('\n')
	}
	return b.String()
}
