package pathtest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/lab"
	"allroads/wire"
)

// moved is how soon data has to go on by another path when one is a black hole.
const moved = time.Second

// TestBlackHole: a road loses all packets in both directions while its interfaces stay
// up. Data moves within a second, the road is tried again and used again when it is well.
func TestBlackHole(t *testing.T) {
	for name, want := range map[string]string{
		"handover":           "blue 10.0.2.2 > 10.0.1.1:80",
		"backup-when-needed": "blue 10.0.2.2 > 10.0.1.1:80",
		"backup-at-once":     "blue 10.0.2.2 > 10.0.1.1:80 backup",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// On a busy machine the kernel's timers may have it take longer.
			gap := blackHole(t, name, want)
			for try := 1; try < 3 && gap > moved; try++ {
				gap = blackHole(t, name, want)
			}
			if gap > moved {
				t.Errorf("three times nothing arrived for too long, the last time for %v", gap)
			}
		})
	}
}

// blackHole returns for how long nothing arrived.
func blackHole(t *testing.T, name, want string) time.Duration {
	t.Helper()
	s := build(t, "holes")
	s.wire.keep = true
	s.watch("client")
	daemon := s.allroadsd(name)
	sink := s.sink(s.server, "0.0.0.0:80")
	s.tells(daemon, s.talk("10.0.1.1:80"))
	if name == "backup-at-once" {
		s.joins(want)
	}
	time.Sleep(500 * time.Millisecond)
	s.only("red", 300*time.Millisecond)
	red := s.lab.Link("red")
	hole := s.lose(red)
	s.joins(want)
	s.carries("blue")
	time.Sleep(time.Second)
	gap := sink.gap(hole)
	healed := s.heal(red)
	s.carries("red")
	t.Logf("measured: nothing arrived for %v; red carries data again %v after it is well", gap, time.Since(healed))
	s.await("blue carries nothing any more", func() bool { return s.since("blue", 500*time.Millisecond) == 0 })
	if again := sink.gap(healed); again > moved {
		t.Errorf("nothing arrived for %v after red was well again", again)
	}
	s.madeBeforeBroken()
	return gap
}

// TestBadRoad: the primary path of a backup strategy becomes slow, or loses packets. The
// standby path is used while it is so, and not after.
func TestBadRoad(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	for name, bad := range map[string]lab.Impairment{
		"slow":  {Delay: 60 * time.Millisecond},
		"lossy": {Delay: 5 * time.Millisecond, Loss: 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := build(t, "holes")
			s.wire.keep = true
			s.watch("client")
			daemon := s.allroadsd("picky")
			s.sink(s.server, "0.0.0.0:80")
			s.tells(daemon, s.talk("10.0.1.1:80"))
			s.joins("blue 10.0.2.2 > 10.0.1.1:80 backup")
			time.Sleep(500 * time.Millisecond)
			s.only("red", 300*time.Millisecond)
			must(t, s.lab.Link("red").Set(bad))
			worse := time.Now()
			s.await("blue alone carries data", func() bool {
				return s.since("blue", 300*time.Millisecond) > 20000 && s.since("red", 300*time.Millisecond) == 0
			})
			t.Logf("measured: blue alone carries data %v after red was %s", time.Since(worse), name)
			healed := s.heal(s.lab.Link("red"))
			s.await("red alone carries data", func() bool {
				return s.since("red", 300*time.Millisecond) > 20000 && s.since("blue", 300*time.Millisecond) == 0
			})
			t.Logf("measured: red alone carries data %v after it was well", time.Since(healed))
			s.madeBeforeBroken()
		})
	}
}

// TestInteractive: the road with the lowest latency carries the data, whichever that is.
func TestInteractive(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	t.Parallel()
	s := build(t, "holes")
	s.wire.keep = true
	s.watch("client")
	daemon := s.allroadsd("interactive")
	s.sink(s.server, "0.0.0.0:80")
	s.tells(daemon, s.talk("10.0.1.1:80"))
	s.await("blue is joined", func() bool { return s.established() == 1 })
	time.Sleep(500 * time.Millisecond)
	s.only("red", 200*time.Millisecond)
	must(t, s.lab.Link("red").Set(lab.Impairment{Delay: 80 * time.Millisecond}))
	slow := time.Now()
	s.await("blue alone carries data", func() bool {
		return s.since("blue", 300*time.Millisecond) > 20000 && s.since("red", 300*time.Millisecond) == 0
	})
	t.Logf("measured: blue alone carries data %v after red was slow", time.Since(slow))
	must(t, s.lab.Link("blue").Set(lab.Impairment{Delay: 200 * time.Millisecond}))
	slow = time.Now()
	s.await("red alone carries data", func() bool {
		return s.since("red", 300*time.Millisecond) > 20000 && s.since("blue", 300*time.Millisecond) == 0
	})
	t.Logf("measured: red alone carries data %v after blue was slower", time.Since(slow))
	s.madeBeforeBroken()
}

// lose makes a link a black hole, and returns when.
func (s *site) lose(link *lab.Link) time.Time {
	s.Helper()
	must(s, link.Set(lab.Impairment{Delay: 5 * time.Millisecond, Loss: 100}))
	return time.Now()
}

func (s *site) heal(link *lab.Link) time.Time {
	s.Helper()
	must(s, link.Set(lab.Impairment{Delay: 5 * time.Millisecond}))
	return time.Now()
}

// since is how many bytes of the client were seen on a link in the time before now.
func (s *site) since(link string, before time.Duration) (bytes int) {
	w, from := s.wire, time.Now().Add(-before).UnixNano()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, a := range slices.Backward(w.payload) {
		if a.at < from {
			break
		}
		if a.link == link && strings.HasSuffix(a.from.Addr().String(), ".2") {
			bytes += a.bytes
		}
	}
	return bytes
}

// carries waits until a link carries data: more than what TCP sends again.
func (s *site) carries(link string) {
	s.Helper()
	s.await(link+" carries data", func() bool { return s.since(link, 200*time.Millisecond) > 20000 })
}

// only holds that one link alone has carried data lately.
func (s *site) only(link string, lately time.Duration) {
	s.Helper()
	for _, other := range []string{"red", "blue", "green"} {
		if n := s.since(other, lately); (n > 0) != (other == link) {
			s.Errorf("%s carried %d bytes, and only %s was to carry any", other, n, link)
		}
	}
}

// madeBeforeBroken holds, by what the client told its peer, that at each time a subflow
// was there that was neither a backup nor closed: joins and MP_PRIO in the order in which
// they were sent.
func (s *site) madeBeforeBroken() {
	s.Helper()
	type change struct {
		at     int64
		ends   ends
		backup bool
	}
	var changes []change
	for _, j := range s.wire.asked() {
		if j.established {
			changes = append(changes, change{j.at, j.ends, j.backup})
		}
	}
	for _, n := range told[*wire.MPPrio](s.wire) {
		if strings.HasSuffix(n.from.Addr().String(), ".2") {
			changes = append(changes, change{n.at, n.ends, n.what.(*wire.MPPrio).Backup})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return int(a.at - b.at) })
	active, initial := map[ends]bool{}, ends{}
	active[initial] = true
	for _, c := range changes {
		if c.ends.from.Addr().String() == "10.0.1.2" && !known(s.wire, c.ends) {
			c.ends = initial
		}
		active[c.ends] = !c.backup
		if !anyOf(active) {
			s.Errorf("when %v became a backup, no subflow was left that is none: %+v", c.ends, changes)
		}
	}
}

func known(w *wireLog, e ends) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.byEnd[e] != nil
}

func anyOf(active map[ends]bool) bool {
	for _, is := range active {
		if is {
			return true
		}
	}
	return false
}
