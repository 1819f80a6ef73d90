package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"testing"

	"allroads/lab"
)

// roleVariable makes this test program an end of a test, in a process of its own
// as the command is: "server", or a client's Options in JSON.
const roleVariable = "ALLROADS_BENCH_ROLE"

func play(role string) int {
	ctx := context.Background()
	if role == "server" {
		var s Server
		err := s.Listen(ctx, netip.MustParseAddrPort("[::]:8684"))
		if err == nil {
			fmt.Println("listening")
			err = s.Serve(ctx)
		}
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var o Options
	err := json.Unmarshal([]byte(role), &o)
	if err == nil {
		o.Observer.Connected = func([]Connection) { fmt.Println("connected") }
		var r *Result
		if r, err = Run(ctx, o); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(r)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// processes is a network whose server, and whose clients, are processes.
func processes(t testing.TB, n *network) *lab.Command {
	t.Helper()
	server := n.lab.Host("server").Command("/proc/self/exe")
	server.Env = append(os.Environ(), roleVariable+"=server")
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the server says %q: %v", line, err)
	}
	return server
}

// roleOf is what a client's process is told.
func roleOf(t testing.TB, o *Options) string {
	t.Helper()
	role, err := json.Marshal(struct {
		Host         string
		Params       Params
		Subflows     int
		RequireMPTCP bool
	}{o.Host, o.Params, o.Subflows, o.RequireMPTCP})
	if err != nil {
		t.Fatal(err)
	}
	return string(role)
}

// measureApart makes a test whose ends are processes.
func (n *network) measureApart(change func(*Options)) *Result {
	n.t.Helper()
	o := n.options(change)
	client := n.lab.Host("client").Command("/proc/self/exe")
	client.Env = append(os.Environ(), roleVariable+"="+roleOf(n.t, &o))
	client.Stderr = os.Stderr
	text, err := client.Output()
	if err != nil {
		n.t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte("\n"))
	r := new(Result)
	if err := json.Unmarshal(text, r); err != nil {
		n.t.Fatal(err)
	}
	return r
}
