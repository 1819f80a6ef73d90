package page

import (
	"strconv"

	"allroads/trace"
)

// column is a heading of a table; what it heads are numbers when numeric.
type column struct {
	name    string
	numeric bool
}

func openTable(out *pen, class, caption string, columns []column) {
	out.put(`<div class="scroll" role="region" aria-label="%v" tabindex="0"><table class="%v"><caption>%[1]v</caption><thead><tr>`, caption, class)
	for _, c := range columns {
		if c.numeric {
			out.put(`<th scope="col" class="n">%v</th>`, c.name)
		} else {
			out.put(`<th scope="col">%v</th>`, c.name)
		}
	}
	out.raw("</tr></thead><tbody>\n")
}

func closeTable(out *pen) { out.raw("</tbody></table></div>\n") }

// number writes a cell that is sorted by a number, and of which "–" is below all.
func (p *pen) number(value float64, text string) {
	p.put(`<td class="n" data-v="%v">%v</td>`, markup(strconv.FormatFloat(value, 'f', -1, 64)), text)
}

func (p *pen) count(n uint64) { p.number(float64(n), grouped(n)) }

func (p *pen) cell(text string) { p.put(`<td>%v</td>`, text) }

func (p *pen) bytes(n uint64) {
	p.put(`<td class="n" data-v="%d" title="%v">%v</td>`, n, plural(n, "byte"), bytesText(n))
}

func (p *pen) duration(ns int64) { p.number(float64(ns), known(ns)) }

func (p *pen) rate(r trace.Rate) { p.number(float64(r), rateText(r)) }
