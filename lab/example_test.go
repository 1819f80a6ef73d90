package lab_test

import (
	"testing"

	"allroads/lab"
)

// A test of another module has a lab to itself, and may cut its links. Its
// TestMain is
//
//	func TestMain(m *testing.M) { lab.Main(m) }
func ExampleStart() {
	_ = func(t *testing.T) {
		network := lab.Start(t, lab.File("testdata/wifi-lte.yaml"))
		conn, err := network.Host("phone").Dial(t.Context(), "tcp", "10.1.0.1:80")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := network.Link("wifi").Down(); err != nil {
			t.Fatal(err)
		}
	}
}
