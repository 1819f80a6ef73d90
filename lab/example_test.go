package lab_test

import (
	"context"
	"fmt"
	"io"
	"strings"
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

// cable is two hosts and a link.
const cable = `
name: cable
hosts: [{name: client}, {name: server}]
links:
  - name: cable
    ends:
      - {host: client, addresses: [10.0.0.2/24]}
      - {host: server, addresses: [10.0.0.1/24]}
`

// A lab is built from a file, or from a value; programs and sockets are started in
// its hosts.
func ExampleUp() {
	ctx := context.Background()
	topology, err := lab.Parse("cable.yaml", []byte(cable))
	if err != nil {
		fmt.Println(err)
		return
	}
	network, err := lab.Up(ctx, topology, lab.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer network.Close()

	listener, err := network.Host("server").Listen(ctx, "tcp", "10.0.0.1:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			io.WriteString(conn, "hello from "+conn.LocalAddr().String())
			conn.Close()
		}
	}()
	conn, err := network.Host("client").Dial(ctx, "tcp", "10.0.0.1:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	text, err := io.ReadAll(conn)
	fmt.Println(string(text), err)
	// Output: hello from 10.0.0.1:80 <nil>
}

// Programs see the host they are in, and nothing else of the system's network.
func ExampleHost_Command() {
	topology, err := lab.Parse("cable.yaml", []byte(cable))
	if err != nil {
		fmt.Println(err)
		return
	}
	network, err := lab.Up(context.Background(), topology, lab.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer network.Close()
	out, err := network.Host("client").Command("cat", "/proc/net/dev").Output()
	for line := range strings.Lines(string(out)) {
		if name, _, found := strings.Cut(line, ":"); found {
			fmt.Println(strings.TrimSpace(name))
		}
	}
	fmt.Println(err)
	// Unordered output:
	// lo
	// cable
	// <nil>
}

// What is wrong with a file is said with its place.
func ExampleParse() {
	_, err := lab.Parse("cable.yaml", []byte(strings.Replace(cable, "addresses", "adresses", 1)))
	fmt.Println(err)
	// Output:
	// parse topology cable.yaml:7:24: unknown key "adresses": did you mean "addresses"?
	//    4 | links:
	//    5 |   - name: cable
	//    6 |     ends:
	// >  7 |       - {host: client, adresses: [10.0.0.2/24]}
	//                               ^
	//    8 |       - {host: server, addresses: [10.0.0.1/24]}
}
