package rtnl

// Options is what SetNetem sends of a Netem.
func (n Netem) Options() ([]byte, error) { return n.options() }
