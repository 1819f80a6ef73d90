package trace_test

import (
	"context"
	"fmt"
	"log"

	"allroads/trace"
)

// Judge a capture file. Connections are given away as they are over.
func ExampleOpen() {
	file, err := trace.Open("testdata/two-paths.pcapng.gz")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	report, err := file.Analyze(context.Background(), trace.Options{Midway: true}, func(c *trace.Connection) {
		fmt.Printf("%v: %v\n", c.Tokens.Server, &c.Conclusion)
		for _, flow := range c.Subflows {
			fmt.Printf("  %v -> %v carried %d bytes\n", flow.Client, flow.Server, flow.Total())
		}
	})
	if err != nil {
		log.Fatal(err) // The report is of what came before.
	}
	fmt.Println(report.Verdict)
	// Output:
	// f32822ac: MPTCP used on 2 paths
	//   10.0.0.2:58060 -> 10.0.0.1:4321 carried 76008 bytes
	//   192.168.0.2:45445 -> 10.0.0.1:4321 carried 24004 bytes
	// PROVEN: 1 connection, 2 subflows over 2 paths
}

// Packets of any source are analyzed one at a time.
func ExampleAnalyzer() {
	file, err := trace.Open("testdata/two-paths.pcapng.gz")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	analyzer := trace.New([]string{"red", "blue"})
	var packet trace.Packet
	for file.Next(&packet) == nil {
		analyzer.Add(&packet)
	}
	report := analyzer.Report()
	fmt.Println(report.Packets.Total, "packets:", report.Connections[0].Conclusion.Text)
	// Output:
	// 45 packets: MPTCP used on 2 paths
}
