package lab_test

import (
	"encoding/json"
	"net/netip"
	"os/exec"
	"testing"

	"allroads/lab"
)

// TestUpReady holds that links are in operation as soon as Up returns, says ip,
// in labs that follow on one another: the kernel brings up one link at once, and
// those after it once a second.
func TestUpReady(t *testing.T) {
	needTools(t, "ip")
	for range 10 {
		topology := twoPaths(t)
		topology.Links[1].Ends[0].Addresses = append(topology.Links[1].Ends[0].Addresses, netip.MustParsePrefix("fd00::2/64"))
		topology.Links[1].Rate = 5e6
		network := up(t, topology)
		for _, host := range []string{"client", "server"} {
			if states := operation(t, network.Host(host)); len(states) != 3 || states["red-"+host] != "UP" || states["blue-"+host] != "UP" {
				t.Fatalf("%s: %v", host, states)
			}
		}
		must(t, network.Close())
	}
}

// operation returns the state of each interface.
func operation(t *testing.T, host *lab.Host) map[string]string {
	t.Helper()
	var output []byte
	must(t, host.Run(func() (err error) {
		output, err = exec.Command("ip", "-j", "link").Output()
		return err
	}))
	var links []struct{ Ifname, Operstate string }
	must(t, json.Unmarshal(output, &links))
	states := map[string]string{}
	for _, link := range links {
		states[link.Ifname] = link.Operstate
	}
	return states
}
