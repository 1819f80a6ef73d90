package page

import "strconv"

// Graphs are drawn on a grid that is stretched to their place: two units for each
// bucket from left to right, and these from bottom to top.
const gridHeight = 10000

// stroke writes the data of an SVG path, relative to the point before, since these
// numbers are short.
type stroke struct {
	data   []byte
	x, y   int
	inside bool // a line has begun
}

// move begins a line.
func (s *stroke) move(x, y int) {
	s.data = append(s.data, 'M')
	s.data = strconv.AppendInt(s.data, int64(x), 10)
	s.data = append(s.data, ' ')
	s.data = strconv.AppendInt(s.data, int64(y), 10)
	s.x, s.y, s.inside = x, y, true
}

// line goes on to a point.
func (s *stroke) line(x, y int) {
	switch dx, dy := x-s.x, y-s.y; {
	case dx == 0 && dy == 0:
		return
	case dy == 0:
		s.one('h', dx)
	case dx == 0:
		s.one('v', dy)
	default:
		s.one('l', dx)
		if dy >= 0 {
			s.data = append(s.data, ' ')
		}
		s.data = strconv.AppendInt(s.data, int64(dy), 10)
	}
	s.x, s.y = x, y
}

func (s *stroke) one(command byte, n int) {
	s.data = append(s.data, command)
	s.data = strconv.AppendInt(s.data, int64(n), 10)
}

// dot is a line of no length, which round ends make a dot.
func (s *stroke) dot() { s.one('h', 0) }

func (s *stroke) close() { s.data, s.inside = append(s.data, 'z'), false }

// steps draws a value for each bucket as a horizontal piece; next one's x is where
// it ends, so equal ones become one piece. Without a value there is a gap.
func steps(n int, at func(i int) (y int, ok bool)) []byte {
	var s stroke
	last := false
	for i := range n {
		y, ok := at(i)
		if !ok {
			s.flush(2*i, last)
			last = false
			continue
		}
		switch {
		case !last:
			s.move(2*i, y)
		case y != s.y:
			s.flush(2*i, true)
			s.line(2*i, y)
		}
		last = true
	}
	s.flush(2*n, last)
	return s.data
}

// flush draws the horizontal piece up to x.
func (s *stroke) flush(x int, pending bool) {
	if pending {
		s.line(x, s.y)
	}
}

// height is a value's place on the grid, whose zero is at the top.
func height(value, top float64) int {
	if top <= 0 {
		return gridHeight
	}
	return gridHeight - int(value/top*gridHeight+0.5)
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }
