package steering

import (
	"time"

	"allroads/internal/config"
)

// ownerBound is how long is waited for the owner of a connection.
const ownerBound = time.Second

// decide finds the strategy of a connection, or has its owner asked for.
func (s *State) decide(c *connection) {
	if !s.choose(c) && !c.asking {
		c.asking = true
		s.owners = append(s.owners, c)
	}
}

// choose tells whether the strategy is known now.
func (s *State) choose(c *connection) bool {
	var of *config.Strategy
	first := path{local: c.local}
	if l := s.localAt(&first); l != nil {
		of = l.Settings.Strategy
	}
	facts := config.ConnectionFacts{
		Local: plain(c.local), Remote: plain(c.remote), Side: c.side(), UID: c.uid, Cgroup: c.cgroup,
	}
	strategy, rule, known := s.config.StrategyOf(facts, of)
	if known || c.asking && c.since+moment(ownerBound) <= s.now {
		s.follow(c, strategy, rule)
		return true
	}
	return false
}

// follow sets the strategy.
func (s *State) follow(c *connection, strategy config.Strategy, rule string) {
	kept := s.strategies[strategy]
	if kept == nil {
		kept = &strategy
		s.strategies[strategy] = kept
	}
	if c.strategy != nil && c.strategy != kept {
		c.prune, c.intent, c.lapsed = true, nil, nil
		s.watch(c, false)
	}
	c.strategy, c.rule, c.decided = kept, rule, true
}

func (c *connection) side() config.Side {
	if c.server {
		return config.Server
	}
	return config.Client
}
