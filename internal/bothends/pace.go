package bothends

// pace is by how much the second capture's clock seems to be ahead just now: enough
// to read both side by side. The clock is judged in clock.go.
type pace struct {
	known       bool
	guess       int64
	begun       int64    // when the present window did, by the first capture's clock
	most, least [2]int64 // offsets that packets allow, in this window and the one before
	has         [2][2]bool
}

const paceWindow = second

func (p *pace) offset() int64 { return p.guess }

// bound takes what a packet tells: the offset is at most (upper), or at least d.
func (p *pace) bound(at, d int64, upper bool) {
	if !p.known || at-p.begun > paceWindow || at < p.begun-paceWindow {
		p.most[1], p.least[1], p.has[1] = p.most[0], p.least[0], p.has[0]
		p.has[0] = [2]bool{}
		p.begun, p.known = at, true
	}
	if upper && (!p.has[0][0] || d < p.most[0]) {
		p.most[0], p.has[0][0] = d, true
	}
	if !upper && (!p.has[0][1] || d > p.least[0]) {
		p.least[0], p.has[0][1] = d, true
	}
	p.settle()
}

// settle guesses the middle of what the bounds leave. Bounds that contradict each
// other are of a clock that was stepped: then the present alone counts.
func (p *pace) settle() {
	most, least, hasMost, hasLeast := int64(0), int64(0), false, false
	for i := range 2 {
		if p.has[i][0] && (!hasMost || p.most[i] < most) {
			most, hasMost = p.most[i], true
		}
		if p.has[i][1] && (!hasLeast || p.least[i] > least) {
			least, hasLeast = p.least[i], true
		}
	}
	switch {
	case hasMost && hasLeast && most < least:
		p.has[1] = [2]bool{}
		switch {
		case p.has[0][0] && p.has[0][1] && p.most[0] < p.least[0]:
			p.has[0] = [2]bool{}
		case p.has[0][0]:
			p.guess = p.most[0]
		case p.has[0][1]:
			p.guess = p.least[0]
		}
	case hasMost && hasLeast:
		p.guess = least + (most-least)/2
	case hasMost:
		p.guess = most
	case hasLeast:
		p.guess = least
	}
}
