package rewrite_test

import (
	"fmt"
	"strings"
	"testing"

	"allroads/internal/rewrite"
	"allroads/internal/watch"
)

// BenchmarkCalls tells what calls cost a program: plain, and under the tracer, each the
// least of all rounds. That of a plain socket(…, IPPROTO_MPTCP) is in what a converted
// one takes.
func BenchmarkCalls(b *testing.B) {
	program := compiled(b, "cost")
	plainly, under, watched := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for b.Loop() {
		least(b, plainly, plain(b, program))
		least(b, under, run(b, rewrite.Options{}, program).out)
		w, err := watch.New()
		if err != nil {
			b.Fatal(err)
		}
		least(b, watched, run(b, rewrite.Options{Watch: w}, program).out)
		w.Close()
	}
	for name, ns := range plainly {
		b.ReportMetric(ns/1000, name+"-plain-µs")
		b.ReportMetric(under[name]/1000, name+"-traced-µs")
		b.ReportMetric(under[name]/ns, name+"-ratio")
	}
	b.ReportMetric(watched["tcp"]/1000, "tcp-watched-µs")
	b.ReportMetric(0, "ns/op")
}

func least(b *testing.B, of map[string]float64, out string) {
	b.Helper()
	if strings.Count(out, "\n") != 6 {
		b.Fatalf("not figures: %q", out)
	}
	for line := range strings.Lines(out) {
		var name string
		var ns float64
		if _, err := fmt.Sscan(line, &name, &ns); err != nil {
			b.Fatal(err)
		}
		if before, some := of[name]; !some || ns < before {
			of[name] = ns
		}
	}
}

// BenchmarkStart is a program that does nothing, from before its start to after its end.
func BenchmarkStart(b *testing.B) {
	program := compiled(b, "habits")
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			plain(b, program, "exit", "0")
		}
	})
	b.Run("traced", func(b *testing.B) {
		for b.Loop() {
			run(b, rewrite.Options{}, program, "exit", "0")
		}
	})
}
