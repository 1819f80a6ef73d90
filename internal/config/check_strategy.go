package config

import (
	"time"

	"allroads/internal/document"
)

const (
	maxSubflows = maxLimit
	maxN        = maxSubflows + 1 // with the initial one
)

func (k *checker) strategy(at document.Place, s Strategy) {
	word(k, at.Sub("kind"), "strategy", s.Kind, strategies)
	word(k, at.Sub("join"), "join", s.Join, joins)
	within(k, at.Sub("subflows"), s.Subflows, 0, maxSubflows)
	k.span(at.Sub("recovered"), s.Recovered, time.Millisecond, time.Hour, "0 for 5s")
	k.span(at.Sub("bad", "stall"), s.Bad.Stall, 10*time.Millisecond, time.Minute, "0 for 500ms")
	k.span(at.Sub("bad", "rtt"), s.Bad.RTT, time.Millisecond, time.Minute, "0 for no bound")
	k.loss(at.Sub("bad", "loss"), s.Bad.Loss)
	k.number(at.Sub("n"), s)
	if s.Join != "" && s.Kind != BackupPath {
		k.complain(at.Sub("join"), "join: only strategy backup has it")
	}
	if s.Kind == NoPaths && s != (Strategy{Kind: NoPaths}) {
		k.complain(at.Sub("kind"), "strategy none: and other settings, which nothing comes of")
	}
}

func (k *checker) loss(at document.Place, loss float64) {
	switch {
	case loss >= 0 && loss <= 1:
	case loss > 1 && loss <= 100:
		k.complain(at, "loss %v: a part of the whole, 0 to 1: did you mean %v?", loss, loss/100)
	default:
		k.complain(at, "loss %v: a part of the whole, 0 to 1", loss)
	}
}

func (k *checker) number(at document.Place, s Strategy) {
	switch {
	case s.Kind != NDiffPorts && s.N != 0:
		k.complain(at, "n: only strategy ndiffports has it")
	case s.Kind == NDiffPorts && s.N == 0:
		k.complain(at, "strategy ndiffports: no n: how many subflows in all, as {kind: ndiffports, n: 2}")
	case s.Kind == NDiffPorts:
		within(k, at, s.N, 1, maxN)
		if s.Subflows != 0 && s.N-1 > s.Subflows {
			k.complain(at, "n %d: with the initial one, and subflows allows %d beside it", s.N, s.Subflows)
		}
	}
}
