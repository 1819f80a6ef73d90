package netcat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"allroads/internal/netcat"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/mptcp"
)

// across runs a server and a client in a lab, to their ends.
func across(t *testing.T, network *lab.Lab, at string, server, client netcat.Options, c netcat.Client) (serverErr, clientErr error) {
	t.Helper()
	ctx, cancel := context.WithCancel(soon(t))
	defer cancel()
	listens := inHost(network.Host("server"), func() error {
		return (&netcat.Server{Host: at, Port: 9000}).Run(ctx, &server)
	})
	c.Host, c.Port = at, 9000
	clientErr = ended(t, inHost(network.Host("client"), func() error {
		return retried(func() error { return c.Run(ctx, &client) })
	}))
	if clientErr != nil {
		cancel()
	}
	return ended(t, listens), clientErr
}

// TestTwoSubflows sends over two paths, and holds what is told against what ss
// prints of the same subflows.
func TestTwoSubflows(t *testing.T) {
	network := lab.Start(t, lab.File(example("two-paths.yaml")))
	content := noise(6, 20_000_000)
	atServer, atClient := &notes{}, &notes{}
	var got bytes.Buffer
	var printed string
	input := io.MultiReader(bytes.NewReader(content), &once{do: func() { printed = ss(t, network.Host("client")) }})
	// The server has nothing to send, and must not make a half of the connection
	// before the other subflow is there.
	serverErr, clientErr := across(t, network, "10.0.0.1",
		netcat.Options{Input: strings.NewReader(""), Output: &got, Observer: atServer.observer(), RequireMPTCP: true},
		netcat.Options{Input: input, Output: io.Discard, Observer: atClient.observer(), RequireMPTCP: true, Subflows: 2, SubflowsTimeout: patience},
		netcat.Client{})
	if serverErr != nil || clientErr != nil {
		t.Fatal(serverErr, clientErr)
	}
	same(t, "sent", got.Bytes(), content)
	for side, n := range map[string]*notes{"server": atServer, "client": atClient} {
		s := n.summaries[0]
		var sent, received uint64
		atLeast := false
		for _, f := range s.Shares {
			sent, received, atLeast = sent+f.Sent, received+f.Received, atLeast || f.AtLeast
			if f.Sent+f.Received == 0 {
				t.Errorf("%s: a subflow without data: %+v", side, f)
			}
			if side == "client" && !strings.Contains(printed, " "+f.Local.String()+" "+f.Remote.String()+" ") {
				t.Errorf("ss knows no %v to %v:\n%s", f.Local, f.Remote, printed)
			}
		}
		if len(s.Shares) != 2 || s.Status.Kind != mptcp.KindMPTCP {
			t.Errorf("%s: %+v", side, s)
		}
		// What went over both paths counts twice.
		if all := sent + received; all < *s.Sent+*s.Received && !atLeast || *s.Sent+*s.Received != 20_000_000 {
			t.Errorf("%s: subflows carried %d bytes of %d", side, all, *s.Sent+*s.Received)
		}
	}
	if atClient.summaries[0].Accepted || !atServer.summaries[0].Accepted {
		t.Error("who connected is mixed up")
	}
}

// once does something when it is read, and is empty.
type once struct{ do func() }

func (o *once) Read([]byte) (int, error) {
	if o.do != nil {
		o.do()
		o.do = nil
	}
	return 0, io.EOF
}

// ss is what it prints of the established TCP connections, single-spaced.
func ss(t *testing.T, host *lab.Host) string {
	t.Helper()
	if _, err := exec.LookPath("ss"); err != nil {
		netnstest.Missing(t, "program ss")
	}
	out, err := host.Command("ss", "-tnH", "state", "established").Output()
	if err != nil {
		t.Error(err)
	}
	text := interfaceOf.ReplaceAllString(string(out), "")
	return " " + strings.Join(strings.Fields(text), " ") + " "
}

// interfaceOf is what ss puts behind an address that is bound to an interface.
var interfaceOf = regexp.MustCompile(`%[^:\s]+`)

// TestFallback has a middlebox make TCP of it, in two ways, and expects what is
// known at either end.
func TestFallback(t *testing.T) {
	for name, want := range map[string]struct{ server, client mptcp.Kind }{
		"strip-syn":     {mptcp.KindTCP, mptcp.KindFallback},
		"strip-syn-ack": {mptcp.KindTCP, mptcp.KindFallback},
	} {
		t.Run(name, func(t *testing.T) {
			network := lab.Start(t, lab.File(example(name+".yaml")))
			atServer, atClient := &notes{}, &notes{}
			var got bytes.Buffer
			allow := netcat.Client{Dialer: mptcp.Dialer{AllowTCP: true}}
			serverErr, clientErr := across(t, network, "10.2.0.2",
				netcat.Options{Input: strings.NewReader(""), Output: &got, Observer: atServer.observer()},
				netcat.Options{Input: strings.NewReader("over tcp"), Output: io.Discard, Observer: atClient.observer()}, allow)
			if serverErr != nil || clientErr != nil || got.String() != "over tcp" {
				t.Fatal(serverErr, clientErr, got.String())
			}
			server, client := atServer.summaries[0], atClient.summaries[0]
			if server.Status.Kind != want.server || client.Status.Kind != want.client || client.Status.Cause != mptcp.CauseSYNACK {
				t.Errorf("at the server %s, at the client %s", server.Status, client.Status)
			}
			if server.Shares != nil || client.Shares != nil || *client.Sent != 8 || *server.Received != 8 {
				t.Errorf("%+v, %+v", server, client)
			}

			// Required, it is no connection, to whichever end requires it.
			_, clientErr = across(t, network, "10.2.0.2", quiet, quiet, netcat.Client{})
			expectNotMPTCP(t, clientErr)
			required := quiet
			required.RequireMPTCP = true
			_, clientErr = across(t, network, "10.2.0.2", quiet, required, allow)
			expectNotMPTCP(t, clientErr)
			serverErr, _ = across(t, network, "10.2.0.2", required, quiet, allow)
			expectNotMPTCP(t, serverErr)
			waiting := quiet
			waiting.Subflows = 2
			_, clientErr = across(t, network, "10.2.0.2", quiet, waiting, allow)
			expectNotMPTCP(t, clientErr)
		})
	}
}

func expectNotMPTCP(t *testing.T, err error) {
	t.Helper()
	expectPeer(t, err, "not a multipath tcp connection")
	if !errors.Is(err, mptcp.ErrNotMPTCP) {
		t.Errorf("%v", err)
	}
}

// TestSubflowsMissing waits for more than there will be.
func TestSubflowsMissing(t *testing.T) {
	network := lab.Start(t, lab.File(example("two-paths.yaml")))
	o := quiet
	o.Subflows, o.SubflowsTimeout = 3, 200*time.Millisecond
	_, err := across(t, network, "10.0.0.1", quiet, o, netcat.Client{})
	expectPeer(t, err, "subflows")
}

// TestRace connects though the first way is dead.
func TestRace(t *testing.T) {
	network := lab.Start(t, lab.File(example("two-paths.yaml")))
	must(t, network.Link("red").Down())
	n := &notes{}
	c := netcat.Client{Dialer: mptcp.Dialer{Race: []mptcp.Source{
		{Addr: netip.MustParseAddr("10.0.0.2")}, {Interface: "blue-client"},
	}}}
	o := quiet
	o.Observer = n.observer()
	serverErr, clientErr := across(t, network, "192.168.0.1", quiet, o, c)
	if serverErr != nil || clientErr != nil {
		t.Fatal(serverErr, clientErr)
	}
	if from := n.connected[0].Local.Addr().String(); from != "192.168.0.2" {
		t.Errorf("connected from %s", from)
	}
}
