package lab_test

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"

	"allroads/lab"

	"github.com/gopacket/gopacket/pcapgo"
)

func TestStart(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			network := lab.Start(t, lab.File("../examples/two-paths.yaml"))
			client, server := network.Host("client"), network.Host("server")
			listener, err := server.Listen(t.Context(), "tcp", "10.0.0.1:80")
			must(t, err)
			defer listener.Close()
			go func() {
				conn, err := listener.Accept()
				if err == nil {
					_, _ = io.WriteString(conn, "hello")
					conn.Close()
				}
			}()
			conn, err := client.Dial(t.Context(), "tcp", "10.0.0.1:80")
			must(t, err)
			defer conn.Close()
			if text, err := io.ReadAll(conn); err != nil || string(text) != "hello" {
				t.Errorf("%q, %v", text, err)
			}
			if from := conn.LocalAddr().String(); !strings.HasPrefix(from, "10.0.0.2:") {
				t.Errorf("connected from %s", from)
			}
		})
	}
}

func TestProgram(t *testing.T) {
	network := lab.Start(t, lab.File("../examples/two-paths.yaml"))
	for host, want := range map[string]string{"client": "red-client", "server": "red-server"} {
		out, err := network.Host(host).Command("cat", "/proc/net/dev").Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%v, %s has the interfaces\n%s", err, host, out)
		}
	}
	err := network.Host("client").Command("no-such-program").Run()
	if err == nil || !strings.Contains(err.Error(), "start no-such-program in client: ") {
		t.Errorf("error %v", err)
	}
	if err := network.Host("client").Command("false").Run(); err == nil || err.Error() != "exit status 1" {
		t.Errorf("error %v", err)
	}
}

func TestCapture(t *testing.T) {
	network := lab.Start(t, lab.File("../examples/two-paths.yaml"))
	var file bytes.Buffer
	capture, err := network.Host("client").Capture(&file)
	must(t, err)
	red := echo(t, network, "client", "server", "10.0.0.1:7")
	blue := echo(t, network, "client", "server", "192.168.0.1:7")
	for range 3 {
		if _, ok := roundTrip(t, red, 1e9); !ok {
			t.Error("no answer over red")
		}
		if _, ok := roundTrip(t, blue, 1e9); !ok {
			t.Error("no answer over blue")
		}
	}
	dropped, err := capture.Stop()
	must(t, err)
	reader, err := pcapgo.NewNgReader(&file, pcapgo.DefaultNgReaderOptions)
	must(t, err)
	count := map[string]int{}
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			break
		}
		must(t, err)
		link, err := reader.Interface(info.InterfaceIndex)
		must(t, err)
		if bytes.HasSuffix(data, []byte("ping")) {
			count[link.Name]++
		}
	}
	if dropped != 0 || count["red"] != 6 || count["blue"] != 6 {
		t.Errorf("captured %v, dropped %d; want 6 on each", count, dropped)
	}
}

// fakeTest is a test of which only the end is of interest.
type fakeTest struct{ said string }

func (f *fakeTest) Helper()                           {}
func (f *fakeTest) Failed() bool                      { return false }
func (f *fakeTest) Logf(string, ...any)               {}
func (f *fakeTest) Cleanup(func())                    {}
func (f *fakeTest) Errorf(format string, args ...any) { f.said = fmt.Sprintf(format, args...) }
func (f *fakeTest) Skipf(format string, args ...any)  { f.end("skip", format, args) }
func (f *fakeTest) Fatalf(format string, args ...any) { f.end("fail", format, args) }

func (f *fakeTest) end(how, format string, args []any) {
	f.said = how + ": " + fmt.Sprintf(format, args...)
	panic(f)
}

func TestStartFails(t *testing.T) {
	bad := &lab.Topology{Name: "bad", Hosts: []lab.HostConfig{{Name: "a"}}, Links: []lab.LinkConfig{{
		Name: "l", Ends: []lab.EndConfig{
			{Host: "a", Interface: "x", Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}},
		},
	}}}
	for source, want := range map[string]lab.Source{
		"fail: no lab: read topology: ": lab.File("no/such/file.yaml"),
		"fail: no lab: build lab: ":     lab.Value(bad),
	} {
		fake := &fakeTest{}
		func() {
			defer func() { _ = recover() }()
			lab.Start(fake, want)
		}()
		if !strings.HasPrefix(fake.said, source) {
			t.Errorf("%q, want %s…", fake.said, source)
		}
	}
}
