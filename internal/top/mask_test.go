package top_test

import "regexp"

// Numbers and graphs are never the same.
var (
	token   = regexp.MustCompile(`\b[0-9a-f]{8}\b`)
	clock   = regexp.MustCompile(`[0-9]{2}:[0-9]{2}:[0-9]{2}`)
	port    = regexp.MustCompile(`(\.2|::2\]):[0-9]+`)
	rate    = regexp.MustCompile(` *[0-9.]+[kMG]? bit/s| *\? bit/s`)
	rtt     = regexp.MustCompile(`rtt [0-9.]+ [mµ]s`)
	totals  = regexp.MustCompile(`↑ +\S+ ↓ +\S+ bit/s`)
	cells   = regexp.MustCompile(`[\x{2800}-\x{28ff}][\x{2800}-\x{28ff} ]*`)
	shares  = regexp.MustCompile(`[█░]+ +[0-9?]+%?`)
	row     = regexp.MustCompile(`(?m)^(TTTTTTTT ESTAB  .{5} ).{27}`)
	blanks  = regexp.MustCompile(`(?m)^ +| +`)
	strokes = regexp.MustCompile(`━+`)
	gaps    = regexp.MustCompile(`\n{2,}`)
)

// masked is a screen without them.
func masked(screen string) string {
	screen = totals.ReplaceAllString(screen, "↑ N ↓ N bit/s")
	screen = token.ReplaceAllString(screen, "TTTTTTTT")
	screen = clock.ReplaceAllString(screen, "HH:MM:SS")
	screen = port.ReplaceAllString(screen, "$1:PPPPP")
	screen = cells.ReplaceAllString(screen, "")
	screen = row.ReplaceAllString(screen, "$1 N")
	screen = rate.ReplaceAllString(screen, " N bit/s")
	screen = rtt.ReplaceAllString(screen, "rtt N")
	screen = shares.ReplaceAllString(screen, "S")
	screen = strokes.ReplaceAllString(screen, "━")
	screen = blanks.ReplaceAllString(screen, " ")
	return gaps.ReplaceAllString(screen, "\n")
}
