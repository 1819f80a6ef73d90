package pathtest_test

import (
	"slices"
	"testing"
	"time"
)

// delays is, for each connection that asked for a subflow, how long after the first
// DATA_ACK of its server it did; the first ones are left out.
func (w *wireLog) delays(but int) (all []time.Duration) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	seen := map[uint32]bool{}
	for _, j := range w.joins {
		acknowledged, known := w.acknowledged[j.token]
		if !known || seen[uint32(j.token)] {
			continue
		}
		seen[uint32(j.token)] = true
		all = append(all, time.Duration(j.at-acknowledged))
	}
	all = all[min(but, len(all)):]
	slices.Sort(all)
	return all
}

// quantile of what is sorted.
func quantile(sorted []time.Duration, part float64) time.Duration {
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}

// connections makes n, one after the other as a program would, and waits for their
// second subflows.
func (s *site) connections(n int) {
	s.Helper()
	before := s.established()
	for range n {
		s.crowd(1, addr("10.0.1.1:5000"))
		time.Sleep(time.Millisecond)
	}
	s.await("each connection has its second subflow", func() bool { return s.established() == before+n })
}

// BenchmarkFirstJoin measures, by the packets at the client, from the first DATA_ACK of
// a connection to the SYN of its second subflow, over 1,000 connections of each manager:
// 50 of one, 50 of the next and so on, so that what else the machine does meets all.
func BenchmarkFirstJoin(b *testing.B) {
	const rounds, each = 20, 50
	for b.Loop() {
		sites := map[string]*site{}
		for _, who := range present(b) {
			s, _ := contest(b, who)
			s.echoes("10.0.1.1:5000")
			s.watch("client")
			s.connections(each) // Not counted: whoever is new has to find its feet.
			sites[who] = s
		}
		for range rounds {
			for _, who := range present(b) {
				sites[who].connections(each)
			}
		}
		for who, s := range sites {
			all := s.wire.delays(each)
			if len(all) != rounds*each {
				b.Fatalf("%s: %d of %d connections asked for a subflow after a DATA_ACK was seen", who, len(all), rounds*each)
			}
			b.ReportMetric(float64(quantile(all, 0.50).Microseconds()), who+"-µs-p50")
			b.ReportMetric(float64(quantile(all, 0.95).Microseconds()), who+"-µs-p95")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// present are the contestants that are here.
func present(b *testing.B) (all []string) {
	b.Helper()
	for _, who := range contestants {
		if why := absent(who); why != "" {
			b.Logf("%s is not measured: %s", who, why)
			continue
		}
		all = append(all, who)
	}
	return all
}

// BenchmarkProcessorTime measures the processor time of a manager, in user mode and in
// the kernel, while 10,000 connections come, get their second subflow, and go.
func BenchmarkProcessorTime(b *testing.B) {
	n := size(1000, 10000, 10000)
	for _, who := range contestants[1:] {
		b.Run(who, func(b *testing.B) {
			for b.Loop() {
				s, manager := contest(b, who)
				s.echoes("10.0.1.1:5000")
				s.watch("client")
				before := manager.cpu()
				for range n / 100 {
					had := s.established()
					crowd := s.crowd(100, addr("10.0.1.1:5000"))
					s.await("each connection has its second subflow", func() bool { return s.established() == had+100 })
					crowd.close()
				}
				time.Sleep(time.Second)
				b.ReportMetric((manager.cpu()-before).Seconds()*10000/float64(n), "cpu-s/10000")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkIdle measures what a manager takes when nothing happens: memory, and how
// often one of its threads was woken up in ten seconds.
func BenchmarkIdle(b *testing.B) {
	settle, idle := time.Duration(size(1, 15, 15))*time.Second, 10*time.Second
	if testing.Short() {
		idle = time.Second
	}
	for _, who := range contestants[1:] {
		b.Run(who, func(b *testing.B) {
			for b.Loop() {
				_, manager := contest(b, who)
				time.Sleep(settle) // Whatever follows on a start is done.
				before := manager.switches()
				time.Sleep(idle)
				b.ReportMetric(float64(manager.switches()-before)*10/idle.Seconds(), "wake-ups/10s")
				b.ReportMetric(float64(manager.status("VmRSS"))/1024, "MiB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
