package pathmanager_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// dial connects to the path manager of a new namespace.
func dial(t testing.TB) (*netns.NS, *pathmanager.Conn) {
	t.Helper()
	ns := netnstest.New(t)
	conn, err := pathmanager.Dial(context.Background(), pathmanager.InNetNS(ns.Fd()))
	if errors.Is(err, pathmanager.ErrNotSupported) {
		netnstest.Missing(t, err.Error())
	}
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return ns, conn
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// bits are the flags' numbers in uapi/linux/mptcp_pm.h.
var bits = map[string]pathmanager.Flags{
	"signal": 1, "subflow": 2, "backup": 4, "fullmesh": 8, "implicit": 16, "laminar": 32,
}

// shown asks ip(8) for the endpoints of a namespace.
func shown(t testing.TB, ns *netns.NS) []pathmanager.Endpoint {
	t.Helper()
	var objects []map[string]any
	must(t, json.Unmarshal([]byte(netnstest.Output(t, ns, "ip -j mptcp endpoint show")), &objects))
	endpoints := []pathmanager.Endpoint{}
	for _, object := range objects {
		endpoints = append(endpoints, fromJSON(t, ns, object))
	}
	return endpoints
}

func fromJSON(t testing.TB, ns *netns.NS, object map[string]any) (e pathmanager.Endpoint) {
	t.Helper()
	for key, value := range object {
		switch key {
		case "address":
			e.Addr = netip.MustParseAddr(value.(string))
		case "id":
			e.ID = uint8(value.(float64))
		case "port":
			e.Port = uint16(value.(float64))
		case "dev":
			e.IfIndex = index(t, ns, value.(string))
		case "rawflags": // Those that this ip(8) has no name for.
			raw, err := strconv.ParseUint(value.(string), 16, 32)
			must(t, err)
			e.Flags |= pathmanager.Flags(raw)
		default:
			if bits[key] == 0 || value != true {
				t.Errorf("ip prints %s: %v", key, value)
			}
			e.Flags |= bits[key]
		}
	}
	return e
}

func index(t testing.TB, ns *netns.NS, device string) int {
	t.Helper()
	number, _, _ := strings.Cut(netnstest.Output(t, ns, "ip -o link show dev "+device), ":")
	index, err := strconv.Atoi(number)
	must(t, err)
	return index
}

func endpoints(t testing.TB, conn *pathmanager.Conn) []pathmanager.Endpoint {
	t.Helper()
	list, err := conn.Endpoints(t.Context())
	must(t, err)
	return list
}
