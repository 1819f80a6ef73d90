package pathtest_test

import (
	"testing"
	"time"
)

// manage begins the work of a contestant in a lab like that of two.yaml. The role of the
// second address is backup where that is asked for; mptcpd's plugin has no such thing.
func (s *site) manage(who string, backup bool) {
	s.Helper()
	switch {
	case who == "kernel":
		flags := map[bool]string{true: " backup", false: ""}[backup]
		s.in(s.client, words("ip mptcp endpoint add 10.0.2.2 dev blue subflow"+flags)...)
	case who == "mptcpd" || who == "mptcpd-sspi":
		s.mptcpd(map[string]string{"mptcpd": "join", "mptcpd-sspi": "sspi"}[who])
	case backup:
		s.allroadsd("backup-at-once")
	default:
		s.allroadsd("two")
	}
}

// ready builds a lab for a contestant that has not begun.
func ready(b *testing.B, lab, who string) *site {
	s := build(b, lab)
	if who == "kernel" {
		s.set(s.client, "net.mptcp.path_manager", "kernel")
		s.in(s.client, words("ip mptcp limits set subflows 2")...)
	}
	s.watch("client")
	return s
}

// eventually waits a while for something that may never come, and tells how long it took;
// 0: it did not come.
func eventually(within time.Duration, check func() bool) time.Duration {
	for start := time.Now(); time.Since(start) < within; time.Sleep(2 * time.Millisecond) {
		if check() {
			return time.Since(start)
		}
	}
	return 0
}

// BenchmarkBehaviour tells what becomes of the same situations with each contestant.
func BenchmarkBehaviour(b *testing.B) {
	if testing.Short() {
		b.Skip("what is not made again is waited for, minutes in all; the tests hold what allroadsd does")
	}
	for _, who := range append(contestants, "mptcpd-sspi") {
		b.Run(who, func(b *testing.B) {
			if why := absent(who[:min(6, len(who))]); why != "" {
				b.Skip(why)
			}
			if who != "kernel" && who != "allroadsd" {
				b.Log(mptcpdRoot().version(b))
			}
			for b.Loop() {
				usual(b, who)
				earlier(b, who)
				lost(b, who)
				refused(b, who)
				if who == "kernel" || who == "allroadsd" {
					hole(b, who)
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// usual: 20 connections, one after the other, and nothing goes wrong.
func usual(b *testing.B, who string) {
	s := ready(b, "two", who)
	s.echoes("10.0.1.1:80")
	s.manage(who, false)
	b.ReportMetric(float64(s.later(20, "10.0.1.1:80")), "managed-of-20")
}

// earlier: 20 connections are there before the manager begins.
func earlier(b *testing.B, who string) {
	s := ready(b, "two", who)
	s.echoes("10.0.1.1:80")
	crowd := s.crowd(20, addr("10.0.1.1:80"))
	s.manage(who, false)
	eventually(2*time.Second, func() bool {
		crowd.pings(b)
		return s.established() == 20
	})
	b.ReportMetric(float64(s.established()), "earlier-managed-of-20")
}

// lost: an established subflow is reset, for a moment.
func lost(b *testing.B, who string) {
	s := ready(b, "two", who)
	s.sink(s.server, "0.0.0.0:80")
	s.manage(who, false)
	s.talk("10.0.1.1:80")
	if eventually(time.Second, func() bool { return s.established() == 1 }) == 0 {
		return // There is nothing to lose.
	}
	open := s.firewall("ip saddr 10.0.2.2 tcp flags & (syn|rst) == 0 reject with tcp reset")
	s.await("the subflow is lost", func() bool { return s.subflows()[1] == 1 })
	open()
	again := eventually(20*time.Second, func() bool { return s.subflows()[2] == 1 })
	b.ReportMetric(again.Seconds(), "s-lost-until-again")
}

// refused: the first attempt is refused, for a moment.
func refused(b *testing.B, who string) {
	s := ready(b, "two", who)
	s.sink(s.server, "0.0.0.0:80")
	s.manage(who, false)
	open := s.firewall("ip saddr 10.0.2.2 tcp flags syn reject with tcp reset")
	s.talk("10.0.1.1:80")
	if eventually(time.Second, func() bool { return len(s.tried()) > 0 }) == 0 {
		return
	}
	open()
	again := eventually(20*time.Second, func() bool { return s.subflows()[2] == 1 })
	b.ReportMetric(again.Seconds(), "s-refused-until-again")
}

// hole: the road that carries the data loses all packets; another stands by as a backup.
func hole(b *testing.B, who string) {
	s := ready(b, "holes", who)
	sink := s.sink(s.server, "0.0.0.0:80")
	s.manage(who, true)
	s.talk("10.0.1.1:80")
	s.await("the standby path is there", func() bool { return s.established() == 1 })
	time.Sleep(500 * time.Millisecond)
	since := s.lose(s.lab.Link("red"))
	time.Sleep(10 * time.Second)
	b.ReportMetric(float64(sink.gap(since).Milliseconds()), "ms-gap")
}
