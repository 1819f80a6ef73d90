package steering

import "allroads/pathmanager"

// Owners are the connections whose owner the configuration asks for, each once.
func (s *State) Owners() (tokens []pathmanager.Token) {
	for _, c := range s.owners {
		if c.asking && !c.decided && c.closed == 0 {
			tokens = append(tokens, c.token)
		}
	}
	s.owners = nil
	return tokens
}

// answered decides with what is known of the owner, be it nothing.
func (s *State) answered(c *connection) {
	c.since, c.asking = min(c.since, s.now-moment(ownerBound)), true
	s.choose(c)
	c.asking = false
}
