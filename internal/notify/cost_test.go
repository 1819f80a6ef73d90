package notify_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/notify"
)

// BenchmarkCost is the median of what a call takes, plain and under supervision.
func BenchmarkCost(b *testing.B) {
	file := program(b)
	for _, call := range []string{"tcp", "mptcp", "unix", "getppid"} {
		b.Run(call, func(b *testing.B) {
			args := []string{file, "cost", call, "20000"}
			var plain, filtered float64
			for b.Loop() {
				out, err := exec.Command(args[0], args[1:]...).Output()
				if err != nil {
					b.Fatal(err)
				}
				var p, f, mean float64
				fmt.Sscan(string(out), &p, &mean)
				fmt.Sscan(strings.TrimSpace(start(b, notify.Options{}, args...).wait(b)), &f, &mean)
				plain += p
				filtered += f
			}
			n := float64(b.N)
			b.ReportMetric(plain/n, "plain-ns/call")
			b.ReportMetric(filtered/n, "filtered-ns/call")
			b.ReportMetric(filtered/plain, "filtered/plain")
		})
	}
}

// BenchmarkStart is a program that does nothing: plain, started under supervision, and
// as what Exec becomes, which starts three processes of this test program on the way.
func BenchmarkStart(b *testing.B) {
	file := program(b)
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			_ = exec.Command(file).Run()
		}
	})
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			process, installed, err := notify.Start(file, []string{file}, &os.ProcAttr{}, notify.Options{})
			if err != nil {
				b.Fatal(err)
			}
			_ = notify.Serve(installed.Listener, notify.Options{})
			installed.Listener.Close()
			process.Wait()
		}
	})
	for _, role := range []string{"test-run", "test-exec"} {
		b.Run(role, func(b *testing.B) {
			words := []string{role, file}
			if role == "test-exec" {
				words = []string{role, "", file}
			}
			for b.Loop() {
				_ = self(b, words...).Run()
			}
		})
	}
}
