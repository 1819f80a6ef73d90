package lab_test

import (
	"testing"

	"allroads/lab"
)

func example(t *testing.T, name string) *lab.Lab {
	t.Helper()
	return lab.Start(t, lab.File("../examples/"+name+".yaml"))
}

// TestExamples connects in the topologies that come with allroads, and has the
// packets say that they are what they claim to be.
func TestExamples(t *testing.T) {
	for _, test := range []struct {
		name, client, observer, address string
		subflows                        int
		want                            string
	}{
		{"two-paths", "client", "client", "10.0.0.1:4321", 2, "PROVEN: 1 connection, 2 subflows over 2 paths"},
		{"routers", "client", "client", "10.3.0.2:4321", 2, "PROVEN: 1 connection, 2 subflows over 2 paths"},
		{"dual-stack", "client", "client", "[fd01::1]:4321", 2, "PROVEN: 1 connection, 2 subflows over 2 paths"},
		{"announce", "client", "server", "10.2.0.2:4321", 2, "PROVEN: 1 connection, 2 subflows over 2 paths"},
		{"three-paths", "client", "client", "10.1.0.1:4321", 3, "PROVEN: 1 connection, 3 subflows over 3 paths"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := converse(t, example(t, test.name), test.client, test.observer, test.address)
			c.send(1000)
			must(t, c.conn.WaitSubflows(c.ctx, test.subflows))
			c.sendOn(test.subflows)
			if got := c.finish().Verdict.String(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// TestBackup: the backup path carries nothing until the main one fails, and then
// the rest.
func TestBackup(t *testing.T) {
	network := example(t, "backup")
	c := converse(t, network, "client", "client", "10.1.0.1:4321")
	c.send(1000)
	must(t, c.conn.WaitSubflows(c.ctx, 2))
	for range 5 {
		c.send(100_000)
	}
	flows := c.finish().Connections[0].Subflows
	if len(flows) != 2 || !flows[1].Backup || flows[0].ToServer.Bytes != 501_000 || flows[1].Total() != 0 {
		t.Errorf("while the main path works: %+v", flows)
	}

	c = converse(t, network, "client", "client", "10.1.0.1:4321")
	c.send(1000)
	must(t, c.conn.WaitSubflows(c.ctx, 2))
	must(t, network.Link("main").Down())
	c.send(100_000)
	flows = c.finish().Connections[0].Subflows
	if len(flows) != 2 || flows[1].ToServer.Bytes < 99_000 {
		t.Errorf("when the main path is down: %+v", flows)
	}
}
