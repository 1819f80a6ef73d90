package matrix

import (
	"fmt"
	"strings"
	"testing"

	"allroads/internal/convert"
)

// strategies are those that the matrix has.
var strategies = []convert.Strategy{convert.Notify, convert.Trace, convert.Godebug, convert.BPF}

// cell is one of the matrix.
type cell struct {
	kind     kind
	strategy convert.Strategy
	user     user
	six      int // index of the family: 1 for IPv6
	server   bool
	port     uint16
	played   bool
}

func (c *cell) String() string {
	family, role := "IPv4", "client"
	if c.six == 1 {
		family = "IPv6"
	}
	if c.server {
		role = "server"
	}
	return strings.Join([]string{c.kind.name, string(c.strategy), string(c.user), family, role}, "/")
}

// cells are all of the matrix for one strategy.
func cells(s convert.Strategy) (list []*cell) {
	for _, k := range kinds {
		for _, u := range users {
			for i := range 4 {
				if s == convert.Godebug && !k.godebug || s == convert.BPF && u != root {
					continue // It does nothing for them.
				}
				list = append(list, &cell{kind: k, strategy: s, user: u, six: i & 1, server: i&2 != 0})
			}
		}
	}
	return list
}

// prints is what the program has to print.
func (c *cell) prints() (lines []string) {
	if c.kind.first != nil {
		lines = c.kind.first(c.user)
	}
	lines = append(lines, "protocol 262")
	if c.server {
		return append(lines, "ready", "accepted 262", "got ping")
	}
	return append(lines, "connected 262", "got pong")
}

func (c *cell) words(t *testing.T) []string {
	role, at := "client", thereAt[c.six]
	if c.server {
		role, at = "server", hereAt[c.six]
	}
	return append(c.kind.command(t), role, at.String(), fmt.Sprint(c.port))
}
