package lab

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"allroads/internal/document"
)

// Change is what is to change about a link, from words such as "delay=20ms",
// "loss=1%" and "down". What it does not name stays as it is; 0 takes it away.
type Change struct {
	From string // the host whose packets it is about, "": those of both ends
	Down *bool  // take it down, or bring it up

	set []func(*Impairment)
}

// settings are what a change can set of an impairment.
var settings = map[string]func(value string) (func(*Impairment), error){
	"rate":      setting(orZero(ParseRate), func(i *Impairment, v Rate) { i.Rate = v }),
	"delay":     setting(time.ParseDuration, func(i *Impairment, v time.Duration) { i.Delay = v }),
	"jitter":    setting(time.ParseDuration, func(i *Impairment, v time.Duration) { i.Jitter = v }),
	"loss":      setting(orZero(ParsePercent), func(i *Impairment, v Percent) { i.Loss = v }),
	"duplicate": setting(orZero(ParsePercent), func(i *Impairment, v Percent) { i.Duplicate = v }),
	"reorder":   setting(orZero(ParsePercent), func(i *Impairment, v Percent) { i.Reorder = v }),
	"burst":     setting(parseBurst, func(i *Impairment, v float64) { i.Burst = v }),
	"queue":     setting(strconv.Atoi, func(i *Impairment, v int) { i.Queue = v }),
}

func setting[T any](parse func(string) (T, error), set func(*Impairment, T)) func(string) (func(*Impairment), error) {
	return func(text string) (func(*Impairment), error) {
		value, err := parse(text)
		return func(i *Impairment) { set(i, value) }, err
	}
}

// orZero has 0 mean none, without a unit.
func orZero[T any](parse func(string) (T, error)) func(string) (T, error) {
	return func(text string) (value T, err error) {
		if text == "0" {
			return value, nil
		}
		return parse(text)
	}
}

func parseBurst(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

// ParseChange reads a change from its words.
func ParseChange(words []string) (*Change, error) {
	c := &Change{}
	for _, word := range words {
		if err := c.parse(word); err != nil {
			return nil, err
		}
	}
	if c.Down == nil && len(c.set) == 0 {
		return nil, fmt.Errorf("nothing to change: %s, down or up", strings.Join(settingNames(), ", "))
	}
	if c.Down != nil && c.From != "" {
		return nil, errors.New("down and up are of the whole link: leave from out")
	}
	return c, nil
}

func settingNames() (names []string) {
	for _, name := range document.Keys(settings) {
		names = append(names, name+"=")
	}
	return names
}

func (c *Change) parse(word string) error {
	name, value, assigns := strings.Cut(word, "=")
	switch {
	case name == "from" && assigns:
		c.From = value
		return nil
	case word == "down" || word == "up":
		down := word == "down"
		if c.Down != nil && *c.Down != down {
			return errors.New("down and up: one or the other")
		}
		c.Down = &down
		return nil
	}
	parse, ok := settings[name]
	if !ok || !assigns {
		there := append(document.Keys(settings), "from", "down", "up")
		return fmt.Errorf("unknown change %q%s", word, document.Suggestion(name, there))
	}
	set, err := parse(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.set = append(c.set, set)
	return nil
}

// Apply makes a change. When one part of it is refused, nothing changes.
func (l *Link) Apply(c *Change) error {
	ends, err := l.endsOf(c.From)
	if err != nil {
		return fmt.Errorf("set link %s: %w", l.Name, err)
	}
	var before [2]Impairment
	for i, end := range ends {
		before[end] = l.Impairment(end)
		after := before[end]
		for _, set := range c.set {
			set(&after)
		}
		if err := l.SetEnd(end, after); err != nil {
			for _, end := range ends[:i] {
				err = errors.Join(err, l.SetEnd(end, before[end]))
			}
			return err
		}
	}
	switch {
	case c.Down == nil:
		return nil
	case *c.Down:
		return l.Down()
	}
	return l.Up()
}

func (l *Link) endsOf(from string) (ends []int, err error) {
	for end := range l.config.Ends {
		if from == "" || l.config.Ends[end].Host == from {
			ends = append(ends, end)
		}
	}
	if len(ends) == 0 {
		hosts := []string{l.config.Ends[0].Host, l.config.Ends[1].Host}
		return nil, fmt.Errorf("from %q: the link joins %s%s", from, strings.Join(hosts, " and "), document.Suggestion(from, hosts))
	}
	return slices.Clip(ends), nil
}
