package lab

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"allroads/internal/impair"
)

// Impairment is what a link does to packets in one direction. The zero value is
// a cable that does nothing to them. In a file, rates are written as for Rate,
// times with a unit ("20ms"), and parts of all packets in percent ("1.5%").
type Impairment struct {
	Rate      Rate          `yaml:"rate,omitempty" json:"rate,omitempty"`           // 0: as fast as can be
	Delay     time.Duration `yaml:"delay,omitempty" json:"delay,omitempty"`         // of each packet
	Jitter    time.Duration `yaml:"jitter,omitempty" json:"jitter,omitempty"`       // how far the delay varies, up and down
	Loss      Percent       `yaml:"loss,omitempty" json:"loss,omitempty"`           // lost, by chance
	Duplicate Percent       `yaml:"duplicate,omitempty" json:"duplicate,omitempty"` // sent twice
	Reorder   Percent       `yaml:"reorder,omitempty" json:"reorder,omitempty"`     // not delayed, so that they overtake others
	Queue     int           `yaml:"queue,omitempty" json:"queue,omitempty"`         // packets that may wait for the rate, 0: 100 ms worth
}

// shapedOnly reports whether the kernel can do all of it: nothing but a rate.
func (i Impairment) shapedOnly() bool { return i == Impairment{Rate: i.Rate} }

// over returns the impairment with what it leaves open taken from another.
func (i Impairment) over(other Impairment) Impairment {
	return Impairment{
		Rate:      cmp.Or(i.Rate, other.Rate),
		Delay:     cmp.Or(i.Delay, other.Delay),
		Jitter:    cmp.Or(i.Jitter, other.Jitter),
		Loss:      cmp.Or(i.Loss, other.Loss),
		Duplicate: cmp.Or(i.Duplicate, other.Duplicate),
		Reorder:   cmp.Or(i.Reorder, other.Reorder),
		Queue:     cmp.Or(i.Queue, other.Queue),
	}
}

// sends is what the link does to the packets of one of its ends.
func (l *LinkConfig) sends(end int) Impairment {
	return l.Ends[end].Impairment.over(l.Impairment)
}

// carried reports whether the link's packets have to be carried in userspace.
func (l *LinkConfig) carried() bool {
	return !l.sends(0).shapedOnly() || !l.sends(1).shapedOnly()
}

func (i Impairment) params() impair.Params {
	return impair.Params{
		Rate: uint64(i.Rate), Delay: i.Delay, Jitter: i.Jitter, Queue: i.Queue,
		Loss: i.Loss.part(), Duplicate: i.Duplicate.part(), Reorder: i.Reorder.part(),
	}
}

// netem writes the impairment as arguments of tc-netem(8).
func (i Impairment) netem() string {
	words := []string{"netem"}
	if i.Delay != 0 {
		words = append(words, "delay", i.Delay.String())
		if i.Jitter != 0 {
			words = append(words, i.Jitter.String())
		}
	}
	for _, part := range []struct {
		name  string
		value Percent
	}{{"loss", i.Loss}, {"duplicate", i.Duplicate}, {"reorder", i.Reorder}} {
		if part.value != 0 {
			words = append(words, part.name, part.value.String())
		}
	}
	if i.Rate != 0 {
		words = append(words, "rate", i.Rate.String())
	}
	if i.Queue != 0 {
		words = append(words, fmt.Sprintf("limit %d", i.Queue))
	}
	return strings.Join(words, " ")
}
