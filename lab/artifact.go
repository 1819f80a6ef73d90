package lab

import (
	"flag"
	"os"
)

// artifacts is what a test has that can keep files: since Go 1.26.
type artifacts interface{ ArtifactDir() string }

// keepPackets captures until the test ends, if its artifacts are asked for. (The
// flag is looked up by name, so that programs which build labs do not link package
// testing.)
func keepPackets(t TB, network *Lab) error {
	asked := flag.Lookup("test.artifacts")
	test, able := t.(artifacts)
	if asked == nil || asked.Value.String() != "true" || !able || len(network.links) == 0 {
		return nil
	}
	file, err := os.CreateTemp(test.ArtifactDir(), network.Topology.Name+"-*.pcapng")
	if err != nil {
		return err
	}
	capture, err := network.Capture(file)
	if err != nil {
		file.Close()
		return err
	}
	t.Cleanup(func() {
		_, err := capture.Stop()
		file.Close()
		if !t.Failed() {
			os.Remove(file.Name())
		} else if t.Logf("packets: %s", file.Name()); err != nil {
			t.Logf("%v", err)
		}
	})
	return nil
}
