package sketch

// size is how much room a component takes, in columns and rows or in pixels.
type size struct{ width, height int }

// point is a place on the page, to the right and down from its corner.
type point struct{ x, y int }

// arrange puts boxes of these sizes in rows that are no wider than width, unless
// a single one is.
func arrange(sizes []size, width, gapX, gapY int) []point {
	places := make([]point, len(sizes))
	x, y, height := 0, 0, 0
	for i, s := range sizes {
		if x > 0 && x+s.width > width {
			x, y, height = 0, y+height+gapY, 0
		}
		places[i] = point{x, y}
		x += s.width + gapX
		height = max(height, s.height)
	}
	return places
}
