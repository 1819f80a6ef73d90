package bench

import (
	"time"

	"allroads/mptcp"
)

// Report is what one end saw of a test.
type Report struct {
	Lasted   time.Duration      `json:"lasted"`             // from the first byte received to the end, 0: none came
	Incoming []ConnectionReport `json:"incoming,omitempty"` // when that end came
	Outgoing []ConnectionReport `json:"outgoing,omitempty"` // when sending ended
	Errors   []string           `json:"errors,omitempty"`
}

// ConnectionReport is what one end saw of a connection since the test began.
type ConnectionReport struct {
	Status   string   `json:"status"`
	MPTCP    bool     `json:"mptcp"`
	Subflows []Counts `json:"subflows"` // one, if it is TCP
	Received uint64   `json:"received"` // delivered to the program
	InOrder  *uint64  `json:"in_order"` // received at data level, nil: not known
	Written  uint64   `json:"written"`  // taken from the program
	Gap      Gap      `json:"gap"`
}

func (p *party) report() *Report {
	r := &Report{Incoming: p.incoming, Outgoing: p.outgoing}
	select {
	case <-p.first:
		r.Lasted = p.endAt.Sub(p.firstAt)
	default:
	}
	for _, s := range p.streams {
		if err := s.failure(); err != nil {
			r.Errors = append(r.Errors, err.Error())
		}
	}
	return r
}

func (p *party) connections() []ConnectionReport {
	reports := make([]ConnectionReport, len(p.streams))
	for i, s := range p.streams {
		reports[i] = s.report()
	}
	return reports
}

func (s *stream) report() ConnectionReport {
	subflows, inOrder := s.tally.counts()
	status := s.tally.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	gap := s.gaps.longest
	gap.Connection = s.index + 1
	return ConnectionReport{Status: status.String(), MPTCP: isMPTCP(status), Subflows: subflows,
		Received: s.received, InOrder: inOrder, Written: s.written.Load(), Gap: gap}
}

func isMPTCP(s mptcp.Status) bool { return s.Kind == mptcp.KindMPTCP }
