package recorder_test

import (
	"errors"
	"os"
	"testing"

	"allroads/internal/recorder"

	"golang.org/x/sys/unix"
)

// TestCannot: what cannot be recorded, or not be written, is an error.
func TestCannot(t *testing.T) {
	network := twoHosts(t)
	for host, why := range map[string]string{"lonely": "it has no links", "nobody": "no such host"} {
		_, err := recorder.Start(network, host, recorder.Options{})
		if want := "record packets in " + host + ": " + why; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := recorder.Start(network, "client", recorder.Options{SnapLen: -1}); err == nil {
		t.Error("a negative length is no error")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	must(t, err)
	defer full.Close()
	if _, err := start(t, network, recorder.Options{Pcap: full}).Finish(); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("error %v, want no space left", err)
	}
}
