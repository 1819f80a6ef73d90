package scenario

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allroads/lab"
)

// TestPace sends in a time of its own, with a pause on the way: never faster than
// the rate, and not much slower.
func TestPace(t *testing.T) {
	for _, config := range []lab.SendConfig{
		{Rate: 8e6, For: 10 * time.Second},
		{Rate: 8, For: 10 * time.Second},
		{Rate: 100e9, Bytes: 5e9},
		{Rate: 8e3, Bytes: 10_007, Text: "a text of some length"},
		{Rate: 1e6, For: 10 * time.Second, Text: strings.Repeat("long", 10_000)},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, began, sent, slept := newPace(&config), time.Now(), uint64(0), false
			for p.await(t.Context(), sent) {
				sent += uint64(p.chunk)
				if most := float64(config.Rate)/8*time.Since(began).Seconds() + 2*float64(p.chunk); float64(sent) > most {
					t.Fatalf("%+v: %d bytes after %v, at most %v", config, sent, time.Since(began), most)
				}
				if !slept && time.Since(began) > 2*time.Second {
					slept = true
					time.Sleep(time.Second)
				}
			}
			took := time.Since(began)
			if config.For > 0 && took != config.For || config.Bytes > 0 && (sent < uint64(config.Bytes) || sent >= uint64(config.Bytes)+uint64(p.chunk)) {
				t.Errorf("%+v: %d bytes in %v", config, sent, took)
			}
			if slept {
				took -= time.Second
			}
			if least := float64(config.Rate) / 8 * took.Seconds(); float64(sent) < 0.99*least-float64(p.chunk) {
				t.Errorf("%+v: %d bytes in %v are too slow", config, sent, took)
			}
			if p.chunk%max(len(config.Text), 1) != 0 || p.chunk < 1 {
				t.Errorf("%+v: chunks of %d bytes", config, p.chunk)
			}
		})
	}
}

// TestPaceEnds: a pause ends with its context.
func TestPaceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(&lab.SendConfig{Rate: 8, Bytes: 100})
		p.next = time.Now().Add(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if began := time.Now(); p.await(ctx, 0) || time.Since(began) != time.Second {
			t.Errorf("it took %v", time.Since(began))
		}
	})
}

func TestContent(t *testing.T) {
	read := func(c *content, sizes ...int) (all []byte) {
		for _, size := range sizes {
			b := make([]byte, size)
			c.fill(b)
			all = append(all, b...)
		}
		return all
	}
	if got := read(newContent("abc", 1, 1), 2, 1, 5, 0, 2); string(got) != "abcabcabca" {
		t.Errorf("%q", got)
	}
	first := read(newContent("", 7, 1), 100)
	for _, other := range []struct {
		content *content
		same    bool
	}{{newContent("", 7, 1), true}, {newContent("", 7, 2), false}, {newContent("", 8, 1), false}} {
		if bytes.Equal(first, read(other.content, 100)) != other.same {
			t.Errorf("the same content: %v, want %v", !other.same, other.same)
		}
	}
}

// TestGap: it begins with the first byte, and ends with the last if that was all.
func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := func(tally *tally, want time.Duration, known bool) {
			t.Helper()
			if got, is := tally.longestGap(); got != want || is != known {
				t.Errorf("%v, %v, want %v, %v", got, is, want, known)
			}
		}
		complete, cut := newTally(), newTally()
		time.Sleep(time.Hour)
		want(complete, 0, false)
		for _, tally := range []*tally{complete, cut} {
			tally.add([]byte("a"))
			time.Sleep(time.Second)
			tally.add([]byte("b"))
			time.Sleep(3 * time.Second)
			want(tally, 3*time.Second, true)
		}
		complete.end(true)
		cut.end(false)
		want(complete, time.Second, true)
		time.Sleep(time.Hour)
		want(complete, time.Second, true)
		want(cut, 3*time.Second, true)
		if complete.count() != 2 || complete.sum() != cut.sum() || complete.sum() == newTally().sum() {
			t.Errorf("%d bytes", complete.count())
		}
	})
}
