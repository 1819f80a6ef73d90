package scenario

import (
	"context"

	"allroads/lab"
)

// change is a link that changes.
type change struct {
	player *player
	config *lab.ScenarioStep
}

func (c *change) do(context.Context) error {
	link := c.player.network.Link(c.config.Link)
	switch {
	case c.config.Set != nil:
		return link.Set(*c.config.Set)
	case c.config.Do == "down":
		return link.Down()
	}
	return link.Up()
}

func (c *change) complete(*Step) {}
