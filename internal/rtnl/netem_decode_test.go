package rtnl_test

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"allroads/internal/rtnl"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mdlayher/netlink"
	"pgregory.net/rapid"
)

// decodeNetem reads TCA_OPTIONS as netem_change of the kernel's sch_netem.c does.
func decodeNetem(b []byte) (rtnl.Netem, error) {
	word := func(b []byte, n int) uint32 { return binary.NativeEndian.Uint32(b[4*n:]) }
	part := func(b []byte, n int) float64 { return float64(word(b, n)) / (1<<32 - 1) }
	n := rtnl.Netem{
		Delay: time.Duration(word(b, 0)) * 64, Limit: word(b, 1), Loss: part(b, 2),
		Reorder: float64(word(b, 3)), Duplicate: part(b, 4), Jitter: time.Duration(word(b, 5)) * 64,
	}
	attributes, err := netlink.NewAttributeDecoder(b[24:])
	if err != nil {
		return n, err
	}
	for attributes.Next() {
		switch attributes.Type() {
		case 3:
			n.Reorder *= part(attributes.Bytes(), 0) // The gap is 1, or 0.
		case 5:
			attributes.Nested(func(models *netlink.AttributeDecoder) error {
				for models.Next() {
					b := models.Bytes() // Of model 2.
					n.Burst = rtnl.GilbertElliott{
						P: part(b, 0), R: part(b, 1), LossBad: 1 - part(b, int(models.Type())), LossGood: part(b, 3),
					}
				}
				return nil
			})
		case 6:
			n.Rate = max(n.Rate, 8*uint64(word(attributes.Bytes(), 0)))
		case 8:
			n.Rate = max(n.Rate, 8*attributes.Uint64())
		case 10:
			n.Delay = time.Duration(attributes.Int64())
		case 11:
			n.Jitter = time.Duration(attributes.Int64())
		case 14:
			n.Seed = attributes.Uint64()
		}
	}
	return n, attributes.Err()
}

func TestNetemRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawNetem(t)
		b, err := want.Options()
		if err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		got, err := decodeNetem(b)
		want.Rate -= want.Rate % 8
		if want.Limit == 0 {
			want.Limit = 1000
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1./math.MaxUint32)); err != nil || diff != "" {
			t.Fatalf("%v, %s", err, diff)
		}
	})
}

func drawNetem(t *rapid.T) rtnl.Netem {
	part := rapid.Float64Range(0, 1)
	n := rtnl.Netem{
		Delay:     time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "delay")),
		Duplicate: part.Draw(t, "duplicate"),
		Rate:      rapid.Uint64Max(math.MaxUint64/8).Draw(t, "rate") * 8,
		Limit:     rapid.Uint32().Draw(t, "limit"),
		Seed:      rapid.Uint64().Draw(t, "seed"),
	}
	n.Jitter = time.Duration(rapid.Int64Range(0, min(int64(n.Delay), math.MaxInt32)).Draw(t, "jitter"))
	if n.Delay > 0 {
		n.Reorder = part.Draw(t, "reorder")
	}
	if rapid.Bool().Draw(t, "bursts") {
		n.Burst = rtnl.GilbertElliott{
			P: part.Draw(t, "p"), R: part.Draw(t, "r"), LossBad: part.Draw(t, "bad"), LossGood: part.Draw(t, "good"),
		}
	} else {
		n.Loss = part.Draw(t, "loss")
	}
	return n
}

// TestNetemNonsense has any values refused or encoded.
func TestNetemNonsense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rtnl.Netem{
			Delay: time.Duration(rapid.Int64().Draw(t, "delay")), Jitter: time.Duration(rapid.Int64().Draw(t, "jitter")),
			Loss: rapid.Float64().Draw(t, "loss"), Reorder: rapid.Float64().Draw(t, "reorder"),
			Burst: rtnl.GilbertElliott{P: rapid.Float64().Draw(t, "p")}, Rate: rapid.Uint64().Draw(t, "rate"),
		}
		b, err := n.Options()
		if (err == nil) == (len(b) == 0) {
			t.Fatalf("%+v is encoded as %x, %v", n, b, err)
		}
	})
}
