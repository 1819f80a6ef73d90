package convert_test

import (
	"encoding/json"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// ways are a program run plain, by the peer, and by each strategy. "$0" is allroads.
var ways = []struct {
	name string
	with []string
}{
	{"plain", nil},
	{"mptcpize", []string{"mptcpize", "run"}},
	{"notify", []string{"$0", "run", "-q", "--strategy", "notify"}},
	{"trace", []string{"$0", "run", "-q", "--strategy", "trace"}},
}

// build makes allroads.
func build(b testing.TB) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "allroads")
	if out, err := exec.Command("go", "build", "-o", path, "allroads/cmd/allroads").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return path
}

// command is a program run in one of the ways.
func command(b *testing.B, allroads string, way, words []string) *exec.Cmd {
	words = append(append([]string{}, way...), words...)
	if words[0] == "$0" {
		words[0] = allroads
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		b.Skip(err)
	}
	return exec.Command(words[0], words[1:]...)
}

// BenchmarkStart is what a program's start costs: the time of true(1) in each way.
func BenchmarkStart(b *testing.B) {
	allroads := build(b)
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				if err := command(b, allroads, way.with, []string{"true"}).Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkData is what iperf3 carries over loopback in each way, client and server.
func BenchmarkData(b *testing.B) {
	allroads := build(b)
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			var sum float64
			for b.Loop() {
				sum += carried(b, allroads, way.with)
			}
			b.ReportMetric(sum/float64(b.N)/1e9, "Gbit/s")
		})
	}
}

func carried(b *testing.B, allroads string, way []string) (bitsPerSecond float64) {
	port := freePort(b)
	server := command(b, allroads, way, []string{"iperf3", "-s", "-1", "-B", "127.0.0.1", "-p", port})
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	defer server.Wait()
	defer time.AfterFunc(20*time.Second, func() { server.Process.Signal(syscall.SIGTERM) }).Stop()
	var out []byte
	for range 50 { // until the server listens
		// Its exit code is 0 also when it could not connect.
		out, _ = command(b, allroads, way, []string{"iperf3", "-c", "127.0.0.1", "-p", port, "-t", "1", "-J"}).Output()
		var result struct {
			End struct {
				Received struct {
					Bits float64 `json:"bits_per_second"`
				} `json:"sum_received"`
			} `json:"end"`
		}
		if json.Unmarshal(out, &result) == nil && result.End.Received.Bits > 0 {
			return result.End.Received.Bits
		}
		time.Sleep(20 * time.Millisecond)
	}
	server.Process.Signal(syscall.SIGTERM) // A program that outlives us goes on.
	b.Fatalf("iperf3: %s", out)
	return 0
}

func freePort(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
