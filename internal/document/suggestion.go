package document

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Keys are those of a map, sorted.
func Keys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// Suggestion asks whether one of the words there are was meant, or says nothing
// when none is near.
func Suggestion(word string, there []string) string {
	best, limit := "", min(len(word)/2, 3)+1
	for _, candidate := range there {
		d := distance(strings.ToLower(word), strings.ToLower(candidate))
		if strings.HasPrefix(candidate, word) && len(word) > 1 {
			d = min(d, 1)
		}
		if d < limit {
			best, limit = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// distance is how many letters have to be added, taken away, exchanged, or
// swapped with the next (Damerau's optimal string alignment).
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last = last, row
		row = make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
