package page

import (
	"math"
	"strconv"
)

// axis is a scale from 0 up.
type axis struct {
	max   float64 // at its end, in the base unit
	unit  string  // of the labels
	ticks []tick
}

// tick is a labelled place of an axis.
type tick struct {
	at    float64 // 0 to 1
	label string
}

// scale is a unit and how many of the base unit it is.
type scale struct {
	of   float64
	name string
}

var (
	byteScales = []scale{{1e15, "PB"}, {1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}
	rateScales = []scale{{1e12, "Tbit/s"}, {1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}, {1, "bit/s"}}
	rttScales  = []scale{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}}
	// Up to two minutes are in seconds, up to two hours in minutes.
	timeScales = []scale{{86400e9, "d"}, {3600e9, "h"}, {60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}}
)

// pick takes the largest unit that top is at least one of.
func pick(scales []scale, top float64) scale {
	for _, s := range scales {
		if top >= s.of {
			return s
		}
	}
	return scales[len(scales)-1]
}

// valueAxis goes from 0 to the first tick that is not below top.
func valueAxis(top float64, scales []scale) axis {
	unit := pick(scales, top)
	step := nice(top / unit.of / 4)
	if unit.of == 1 { // there are no halves of bytes
		step = math.Max(step, 1)
	}
	count := max(math.Ceil(top/unit.of/step-1e-9), 1)
	a := axis{max: count * step * unit.of, unit: unit.name}
	for i := range int(count) + 1 {
		a.ticks = append(a.ticks, tick{float64(i) / count, number(float64(i)*step, step)})
	}
	return a
}

// timeAxis goes from 0 to top, which may be between ticks.
func timeAxis(top float64) axis {
	unit := pick(timeScales, top)
	if unit.of >= 60e9 && top < 2*unit.of { // finer, as long as it is not many
		unit = timeScales[indexOf(unit)+1]
	}
	step := timeStep(top/unit.of/6.5, unit)
	a := axis{max: top, unit: unit.name}
	for i := 0; float64(i)*step*unit.of <= top*(1+1e-9); i++ {
		a.ticks = append(a.ticks, tick{float64(i) * step * unit.of / top, number(float64(i)*step, step)})
	}
	return a
}

func indexOf(unit scale) int {
	for i, s := range timeScales {
		if s == unit {
			return i
		}
	}
	return 0
}

// nice is the first of 1, 2 and 5 times a power of ten that is not below n.
func nice(n float64) float64 {
	if n <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(n)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= n*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// timeStep prefers what clocks show.
func timeStep(n float64, unit scale) float64 {
	var steps []float64
	switch unit.name {
	case "s", "min":
		steps = []float64{10, 15, 20, 30}
	case "h":
		steps = []float64{1, 2, 3, 6, 12}
	}
	if len(steps) > 0 && n > steps[0]/2 {
		for _, step := range steps {
			if step >= n*(1-1e-9) {
				return step
			}
		}
	}
	return nice(n)
}

// number writes a label with as many decimals as the step has.
func number(n, step float64) string {
	decimals := 0
	for step < 1-1e-9 && decimals < 9 {
		step *= 10
		decimals++
	}
	if n == 0 {
		return "0"
	}
	return strconv.FormatFloat(n, 'f', decimals, 64)
}

// trimmed writes a number with at most three decimals.
func trimmed(n float64) string {
	return strconv.FormatFloat(math.Round(n*1000)/1000, 'f', -1, 64)
}
