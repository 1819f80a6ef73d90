package trace_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"slices"
	"testing"

	"allroads/trace"

	"github.com/gopacket/gopacket/pcapgo"
)

// capturedPackets reads a capture of our own demo, made on Linux 6.18 and
// compressed. Interface 0 is red, 1 is blue.
func capturedPackets(t testing.TB, path string) []trace.Packet {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := pcapgo.NewNgReader(plain, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	var packets []trace.Packet
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			return packets
		}
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, trace.Packet{
			Time: info.Timestamp.UnixNano(), Interface: info.InterfaceIndex,
			Length: info.Length, Data: data,
		})
	}
}

const twoPaths = "testdata/two-paths.pcapng.gz"

var redBlue = []string{"red", "blue"}

func analyze(packets []trace.Packet) *trace.Report {
	analyzer := trace.New(redBlue)
	for i := range packets {
		analyzer.Add(&packets[i])
	}
	return analyzer.Report()
}

func clone(packets []trace.Packet) []trace.Packet {
	copied := slices.Clone(packets)
	for i := range copied {
		copied[i].Data = bytes.Clone(copied[i].Data)
	}
	return copied
}

func TestRealCapture(t *testing.T) {
	report := analyze(capturedPackets(t, twoPaths))
	if got, want := report.Verdict.String(), "PROVEN: 1 connection, 2 subflows over 2 paths"; got != want {
		t.Fatalf("verdict %q, want %q", got, want)
	}
	conn := report.Connections[0]
	if conn.ToServer.Bytes != 100_012 || conn.ToClient.Bytes != 0 {
		t.Errorf("%d bytes to the server and %d to the client, want 100012 and 0", conn.ToServer.Bytes, conn.ToClient.Bytes)
	}
	red, blue := conn.Subflows[0], conn.Subflows[1]
	if red.Path != "red" || !red.Initial || blue.Path != "blue" || blue.Initial || blue.ClientID != 1 || blue.ServerID != 0 {
		t.Errorf("subflows are %+v and %+v", red, blue)
	}
	if red.Total()+blue.Total() != conn.ToServer.Bytes {
		t.Errorf("subflows carried %d and %d bytes of %d", red.Total(), blue.Total(), conn.ToServer.Bytes)
	}
}
