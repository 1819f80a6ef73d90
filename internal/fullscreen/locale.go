package fullscreen

import (
	"cmp"
	"os"
	"strings"
)

// Unicode reports whether the terminal shows more than ASCII: the locale
// says so, which setlocale(3) finds in these variables. The font of the Linux
// console lacks most of what would be drawn.
func Unicode() bool {
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG"))
	locale = strings.ReplaceAll(strings.ToLower(locale), "-", "")
	return strings.Contains(locale, "utf8") && os.Getenv("TERM") != "linux"
}
