package netcat_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"allroads/internal/netcat"
)

// sizeVariable is how many MiB BenchmarkFile sends, 64 without it.
const sizeVariable = "ALLROADS_NC_MIB"

// BenchmarkFile sends a file from one process to another over loopback, and on to
// /dev/null: ours over MPTCP, ncat over TCP, and ncat that mptcpize has made MPTCP.
// Its metrics are the median rates in MB/s (10^6), and ours in relation to each
// peer's. (Some transfers of any program over MPTCP stand still for a while, until
// the kernel's retransmission timer.)
func BenchmarkFile(b *testing.B) {
	file := bigFile(b)
	info, err := os.Stat(file)
	must(b, err)
	p := newPlace(b)
	rates := map[string][]float64{}
	port := uint16(9000)
	for b.Loop() {
		for _, name := range []string{"ncat", "mptcpize-ncat", "ours"} {
			port++
			took := transfer(p, name, file, port)
			rates[name] = append(rates[name], float64(info.Size())/1e6/took.Seconds())
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(rates["ours"]), "MB/s")
	b.ReportMetric(median(rates["ncat"]), "ncat-MB/s")
	b.ReportMetric(median(rates["ours"])/median(rates["ncat"]), "x-ncat-tcp")
	b.ReportMetric(median(rates["ours"])/median(rates["mptcpize-ncat"]), "x-ncat-mptcp")
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

func bigFile(b *testing.B) string {
	b.Helper()
	mib, err := strconv.Atoi(os.Getenv(sizeVariable))
	if err != nil {
		mib = 64
	}
	file, err := os.CreateTemp(b.TempDir(), "")
	must(b, err)
	defer file.Close()
	piece := noise(1, 1<<20)
	for range mib {
		_, err := file.Write(piece)
		must(b, err)
	}
	return file.Name()
}

// transfer takes a file through two processes, and the time.
func transfer(p *place, name, file string, port uint16) time.Duration {
	p.t.Helper()
	input, err := os.Open(file)
	must(p.t, err)
	defer input.Close()
	output, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	must(p.t, err)
	defer output.Close()
	at := strconv.Itoa(int(port))
	receiver, sender := []string{"ncat", "-l", "--recv-only", at}, []string{"ncat", "--send-only", "127.0.0.1", at}
	switch name {
	case "mptcpize-ncat":
		receiver, sender = append([]string{"mptcpize", "run"}, receiver...), append([]string{"mptcpize", "run"}, sender...)
	case "ours":
		receiver, sender = []string{"/proc/self/exe", "listen", at}, []string{"/proc/self/exe", "connect", at}
	}
	in := p.start(nil, output, receiver...)
	p.listening(port)
	began := time.Now()
	wait(p.t, p.start(input, nil, sender...))
	wait(p.t, in)
	return time.Since(began)
}

// roleVariable makes this test program one end of a transfer, so that both ends
// are processes, as ncat's are.
const roleVariable = "NETCAT_TEST_ROLE"

func playRole() int {
	if err := role(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func role(args []string) error {
	number, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	port := uint16(number)
	o := netcat.Options{Input: os.Stdin, Output: os.Stdout, RequireMPTCP: true}
	if args[0] == "listen" {
		o.RecvOnly = true
		return (&netcat.Server{Port: port}).Run(context.Background(), &o)
	}
	return (&netcat.Client{Host: "127.0.0.1", Port: port}).Run(context.Background(), &o)
}
