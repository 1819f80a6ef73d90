package page

// overview is what a person reads first: the verdict, and the whole in numbers.
func (p *Page) overview(out *pen) {
	p.verdict(out)
	out.raw("<ul class=\"tiles\">\n")
	r := p.Report
	tile(out, uint64(r.Verdict.Connections), "connection", "")
	tile(out, uint64(r.Verdict.Subflows), "subflow", "established")
	tile(out, uint64(r.Verdict.Paths), "path", "carried data")
	tile(out, r.Packets.Total, "packet", "")
	tile(out, r.Dropped, "packet", "lost by the capture")
	if r.OrphanJoins > 0 {
		tile(out, r.OrphanJoins, "join", "of unknown connections")
	}
	out.raw("</ul>\n")
	p.accounts(out)
	if p.Summary != "" {
		out.put("<details class=\"summary\"><summary>Summary as text</summary><pre>%v</pre></details>\n", p.Summary)
	}
}

// shownReasons are told at once, the others on request.
const shownReasons = 4

func (p *Page) verdict(out *pen) {
	v := &p.Report.Verdict
	if v.Proven {
		out.put("<section class=\"verdict good\" aria-label=\"Verdict\">\n<p><strong>Proven.</strong> %v, %v over %v: every check of the packets holds.</p>\n</section>\n",
			plural(uint64(v.Connections), "connection"), plural(uint64(v.Subflows), "subflow"), plural(uint64(v.Paths), "path"))
		return
	}
	out.raw("<section class=\"verdict bad\" aria-label=\"Verdict\">\n<p><strong>Not proven</strong> that every connection used several paths as it should:</p>\n")
	reasons(out, v.Reasons)
	out.raw("</section>\n")
}

func reasons(out *pen, all []string) {
	list := func(some []string) {
		out.raw("<ul>\n")
		for _, reason := range some {
			out.put("<li>%v</li>\n", reason)
		}
		out.raw("</ul>\n")
	}
	if len(all) == 0 {
		return
	}
	list(all[:min(shownReasons, len(all))])
	if rest := all[min(shownReasons, len(all)):]; len(rest) > 0 {
		out.put("<details><summary>%v</summary>\n", plural(uint64(len(rest)), "more reason"))
		list(rest)
		out.raw("</details>\n")
	}
}

func tile(out *pen, n uint64, one, what string) {
	many := one
	if n != 1 {
		many += "s"
	}
	if what != "" {
		many += " " + what
	}
	out.put("<li><b>%v</b> %v</li>\n", grouped(n), many)
}

// accounts say which packets are not of the connections, where there are any.
func (p *Page) accounts(out *pen) {
	c := &p.Report.Packets
	list := []struct {
		n    uint64
		what string
	}{
		{c.NotTCP, "not TCP"}, {c.NotMPTCP, "of flows without MPTCP, closed, or without a start"},
		{c.Copies, "captured at a second place"}, {c.Fragment, "later fragments"}, {c.TooDeep, "nested too deep"},
		{c.Link, "of an unknown link type"}, {c.Cut, "cut off"}, {c.NoPath, "of an interface without a name"},
		{c.Stray, "of no connection"}, {c.Evicted, "given up"},
	}
	first := true
	for _, one := range list {
		if one.n == 0 {
			continue
		}
		if first {
			out.raw(`<p class="accounts">Packets left aside: `)
		} else {
			out.raw("; ")
		}
		out.put(`%v %v`, grouped(one.n), one.what)
		first = false
	}
	if !first {
		out.raw(".</p>\n")
	}
}
