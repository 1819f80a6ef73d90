package lab

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"allroads/internal/impair"
	"allroads/internal/rtnl"
)

// Impairment is what a link does to packets in one direction. The zero value is
// a cable that does nothing to them. In a file, rates are written as for Rate,
// times with a unit ("20ms"), and parts of all packets in percent ("1.5%").
type Impairment struct {
	Rate      Rate          `yaml:"rate,omitempty" json:"rate,omitempty"`           // 0: as fast as can be
	Delay     time.Duration `yaml:"delay,omitempty" json:"delay,omitempty"`         // of each packet
	Jitter    time.Duration `yaml:"jitter,omitempty" json:"jitter,omitempty"`       // how far the delay varies, up and down
	Loss      Percent       `yaml:"loss,omitempty" json:"loss,omitempty"`           // lost, by chance
	Burst     float64       `yaml:"burst,omitempty" json:"burst,omitempty"`         // how many are lost in a row on average, 1 or more; 0: each by itself
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
		Burst:     cmp.Or(i.Burst, other.Burst),
		Duplicate: cmp.Or(i.Duplicate, other.Duplicate),
		Reorder:   cmp.Or(i.Reorder, other.Reorder),
		Queue:     cmp.Or(i.Queue, other.Queue),
	}
}

// sends is what the link does to the packets of one of its ends.
func (l *LinkConfig) sends(end int) Impairment {
	return l.Ends[end].Impairment.over(l.Impairment)
}

// needsEngine reports whether the link's impairment is more than a rate.
func (l *LinkConfig) needsEngine() bool {
	return !l.sends(0).shapedOnly() || !l.sends(1).shapedOnly()
}

// validate finds what no engine can do.
func (i Impairment) validate() error {
	if i.Rate != 0 && (i.Rate < minRate || i.Rate > maxRate) {
		return fmt.Errorf("rate %s: %s to %s only", i.Rate, minRate, maxRate)
	}
	if err := i.validateBurst(); err != nil {
		return err
	}
	return i.params().Validate()
}

// validateBurst: packets between two bursts there have to be.
func (i Impairment) validateBurst() error {
	loss := i.Loss.part()
	switch {
	case i.Burst != 0 && !(i.Burst >= 1 && i.Burst <= maxBurst):
		return fmt.Errorf("burst %g: 1 to %d packets only", i.Burst, maxBurst)
	case i.Burst != 0 && loss == 0:
		return errors.New("burst: no loss that it could be of")
	case i.Burst > 1 && loss > i.Burst/(i.Burst+1):
		return fmt.Errorf("loss %s in bursts of %g: at most %s", i.Loss, i.Burst, Percent(100*i.Burst/(i.Burst+1)))
	}
	return nil
}

const maxBurst = 10_000

func (i Impairment) params() impair.Params {
	p := impair.Params{
		Rate: uint64(i.Rate), Delay: i.Delay, Jitter: i.Jitter, Queue: i.Queue,
		Loss: i.Loss.part(), Duplicate: i.Duplicate.part(), Reorder: i.Reorder.part(),
	}
	if i.Burst > 1 {
		p.Loss, p.Burst = 0, i.channel()
	}
	return p
}

// channel is the Gilbert model that has the loss and the bursts asked for: of a
// channel that loses all while it is bad.
func (i Impairment) channel() impair.GilbertElliott {
	loss, leave := i.Loss.part(), 1/i.Burst
	return impair.GilbertElliott{P: leave * loss / (1 - loss), R: leave, LossBad: 1}
}

func (i Impairment) netem(seed uint64) rtnl.Netem {
	n := rtnl.Netem{
		Delay: i.Delay, Jitter: i.Jitter, Loss: i.Loss.part(), Duplicate: i.Duplicate.part(),
		Reorder: i.Reorder.part(), Rate: uint64(i.Rate), Limit: i.held(), Seed: seed,
	}
	if i.Burst > 1 {
		n.Loss, n.Burst = 0, rtnl.GilbertElliott(i.channel())
	}
	return n
}

// held is how many packets netem may hold: those that wait for the rate, and those
// that are being delayed, which it does not tell apart.
func (i Impairment) held() uint32 {
	if i.Rate == 0 {
		return 100_000
	}
	delayed := (i.Delay + i.Jitter).Seconds() * float64(i.Rate) / (8 * 1514)
	return uint32(i.params().QueueFrames()) + uint32(delayed)
}

// qdisc writes the impairment as arguments of tc-tbf(8) or tc-netem(8).
func (i Impairment) qdisc() string {
	if i.shapedOnly() {
		return fmt.Sprintf("tbf rate %s burst %d latency %s", i.Rate, rateBurst, rateLatency)
	}
	words := []string{"netem"}
	if i.Delay != 0 {
		words = append(words, "delay", i.Delay.String())
		if i.Jitter != 0 {
			words = append(words, i.Jitter.String())
		}
	}
	loss := i.Loss
	if i.Burst > 1 {
		c := i.channel()
		words, loss = append(words, fmt.Sprintf("loss gemodel %s %s", Percent(100*c.P), Percent(100*c.R))), 0
	}
	for _, part := range parts(loss, i.Duplicate, i.Reorder) {
		words = append(words, strings.Replace(part, "=", " ", 1))
	}
	if i.Rate != 0 {
		words = append(words, "rate", i.Rate.String())
	}
	if i.Queue != 0 {
		words = append(words, fmt.Sprintf("limit %d", i.Queue))
	}
	return strings.Join(words, " ")
}

// Words write the impairment as ParseChange reads it; nothing for a plain cable.
func (i Impairment) Words() (words []string) {
	if i.Rate != 0 {
		words = append(words, "rate="+i.Rate.String())
	}
	if i.Delay != 0 {
		words = append(words, "delay="+i.Delay.String())
	}
	if i.Jitter != 0 {
		words = append(words, "jitter="+i.Jitter.String())
	}
	words = append(words, parts(i.Loss, i.Duplicate, i.Reorder)...)
	if i.Burst != 0 {
		words = append(words, fmt.Sprintf("burst=%g", i.Burst))
	}
	if i.Queue != 0 {
		words = append(words, fmt.Sprintf("queue=%d", i.Queue))
	}
	return words
}

// parts write the parts of all packets that something befalls.
func parts(loss, duplicate, reorder Percent) (words []string) {
	for _, part := range []struct {
		name  string
		value Percent
	}{{"loss", loss}, {"duplicate", duplicate}, {"reorder", reorder}} {
		if part.value != 0 {
			words = append(words, part.name+"="+part.value.String())
		}
	}
	return words
}
