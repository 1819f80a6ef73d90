package page

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

type colour [3]float64 // linear light, 0 to 1

func hex(t *testing.T, s string) (c colour) {
	t.Helper()
	for i := range c {
		n, err := strconv.ParseUint(s[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c[i] = float64(n) / 255
		if c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return c
}

func (c colour) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is that of WCAG 2.2.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// lab is CIELAB under D65.
func (c colour) lab() [3]float64 {
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(c.luminance())
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b colour) float64 {
	x, y := a.lab(), b.lab()
	return math.Sqrt(math.Pow(x[0]-y[0], 2) + math.Pow(x[1]-y[1], 2) + math.Pow(x[2]-y[2], 2))
}

// How people see colours who lack one of the three kinds of cones (Machado, Oliveira
// and Fernandes 2009, severity 1.0), on linear light.
var views = map[string][3][3]float64{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func (c colour) seen(m [3][3]float64) (out colour) {
	for i := range out {
		out[i] = min(max(m[i][0]*c[0]+m[i][1]*c[1]+m[i][2]*c[2], 0), 1)
	}
	return out
}

var hueRule = regexp.MustCompile(`\.graph \.k([0-9]) \{ stroke: (#[0-9a-f]{6}); fill: (#[0-9a-f]{6}); \}`)

// TestPalette: lines stand out from the paper (WCAG 2.2, 1.4.11: 3 to 1), and the
// colours of the first four paths from each other, whoever looks.
func TestPalette(t *testing.T) {
	light, dark, _ := strings.Cut(graphStyle, "@media")
	for _, scheme := range []struct{ name, style, paper string }{{"light", light, "#ffffff"}, {"dark", dark, "#0f172a"}} {
		rules := hueRule.FindAllStringSubmatch(scheme.style, -1)
		if len(rules) != hues {
			t.Fatalf("%s: %d colours", scheme.name, len(rules))
		}
		var all []colour
		for i, rule := range rules {
			if rule[1] != fmt.Sprint(i) || rule[2] != rule[3] {
				t.Errorf("%s: %s", scheme.name, rule[0])
			}
			c := hex(t, rule[2])
			if ratio := contrast(c, hex(t, scheme.paper)); ratio < 3 {
				t.Errorf("%s: k%d has a contrast of %.2f", scheme.name, i, ratio)
			}
			all = append(all, c)
		}
		for name, view := range views {
			for i, a := range all[:4] {
				for j, b := range all[:i] {
					if d := distance(a.seen(view), b.seen(view)); d < 15 {
						t.Errorf("%s, %s: k%d and k%d are %.0f apart", scheme.name, name, j, i, d)
					}
				}
			}
		}
	}
}
