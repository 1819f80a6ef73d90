package sketch

import "slices"

// rows are places from top to bottom, each at least so far below others.
type rows struct {
	below [][]distance
	above []int // how many rows are known to be above each
}

type distance struct{ row, by int }

// add makes a new row.
func (r *rows) add() int {
	r.below = append(r.below, nil)
	r.above = append(r.above, 0)
	return len(r.below) - 1
}

// keep asks for lower to be at least by below upper.
func (r *rows) keep(upper, lower, by int) {
	r.below[upper] = append(r.below[upper], distance{lower, by})
	r.above[lower]++
}

// sorted are the rows from top to bottom.
func (r *rows) sorted() (order []int) {
	left := slices.Clone(r.above)
	for row, n := range left {
		if n == 0 {
			order = append(order, row)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, next := range r.below[order[i]] {
			if left[next.row]--; left[next.row] == 0 {
				order = append(order, next.row)
			}
		}
	}
	return order
}

// settle places each row in the middle between its highest and its lowest place.
// The mean of two solutions of such differences is a solution too, also when each
// place is rounded down.
func (r *rows) settle() (place []int) {
	order, height := r.sorted(), 0
	high := make([]int, len(r.below))
	for _, row := range order {
		for _, next := range r.below[row] {
			high[next.row] = max(high[next.row], high[row]+next.by)
		}
		height = max(height, high[row])
	}
	place = make([]int, len(r.below))
	low := make([]int, len(r.below))
	for _, row := range slices.Backward(order) {
		low[row] = height
		for _, next := range r.below[row] {
			low[row] = min(low[row], low[next.row]-next.by)
		}
		place[row] = (high[row] + low[row]) / 2
	}
	return place
}
