package ipmptcp_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"allroads/internal/ipmptcp"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// TestOwnRefused are command lines of the commands that ip does not have, and
// what they say.
func TestOwnRefused(t *testing.T) {
	ns := netnstest.New(t)
	dial(t, ns)
	const end = " from 10.0.0.1 to 10.0.0.2:80"
	for line, want := range map[string]result{
		"announce":                           {err: "Error: argument \"TOKEN\" is required\n", code: 255},
		"announce xyz 10.0.0.1 id 1":         {err: "Error: argument \"xyz\" is wrong: invalid token, 1 to 8 hexadecimal digits or ADDR:PORT expected\n", code: 255},
		"announce 123456789 10.0.0.1 id 1":   {err: "Error: argument \"123456789\" is wrong: invalid token, 1 to 8 hexadecimal digits or ADDR:PORT expected\n", code: 255},
		"announce 1":                         {err: "Error: argument \"ADDRESS\" is required\n", code: 255},
		"announce 1 10.0.0.1":                {err: "Error: argument \"ID\" is required\n", code: 255},
		"announce 1 10.0.0.1 id":             {err: "Command line is not complete. Try option \"help\"\n", code: 255},
		"announce 1 10.0.0.1 id 0":           {err: "Error: argument \"ID\" is wrong: cannot be 0\n\n", code: 255},
		"announce 1 10.0.0.1 id 300":         {err: "Error: argument \"300\" is wrong: invalid ID\n\n", code: 255},
		"announce 1 10.0.0.1/24 id 3":        {err: "Error: any valid address is expected rather than \"10.0.0.1/24\".\n", code: 1},
		"announce 1 10.0.0.1 id 3 backup":    {err: "Error: any valid address is expected rather than \"backup\".\n", code: 1},
		"announce 1 10.0.0.1 id 3 dev nope":  {err: "Error: argument \"nope\" is wrong: device does not exist\n\n", code: 255},
		"announce 1 10.0.0.1 id 3 port x":    {err: "Error: argument \"x\" is wrong: expected port\n", code: 255},
		"withdraw":                           {err: "Error: argument \"TOKEN\" is required\n", code: 255},
		"withdraw 1":                         {err: "Error: argument \"ID\" is required\n", code: 255},
		"withdraw 1 id":                      {err: "Command line is not complete. Try option \"help\"\n", code: 255},
		"withdraw 1 10.0.0.1":                {err: "Error: argument \"10.0.0.1\" is wrong: expected id\n", code: 255},
		"withdraw 1 id 256":                  {err: "Error: argument \"256\" is wrong: invalid ID\n\n", code: 255},
		"subflow make":                       {err: "Command \"make\" is unknown, try \"ip mptcp help\".\n", code: 255},
		"subflow create":                     {err: "Error: argument \"TOKEN\" is required\n", code: 255},
		"subflow create 1":                   {err: "Error: argument \"from\" is required\n", code: 255},
		"subflow create 1 from 10.0.0.1":     {err: "Error: argument \"to\" is required\n", code: 255},
		"subflow create 1 from":              {err: "Command line is not complete. Try option \"help\"\n", code: 255},
		"subflow create 1" + end + " id x":   {err: "Error: argument \"x\" is wrong: invalid ID\n\n", code: 255},
		"subflow create 1 to 10.0.0.2":       {err: "Error: argument \"10.0.0.2\" is wrong: expected ADDRESS:PORT, [ADDRESS]:PORT for IPv6\n", code: 255},
		"subflow create 1 to 10.0.0.2:0":     {err: "Error: argument \"10.0.0.2:0\" is wrong: port cannot be 0\n", code: 255},
		"subflow create 1 to host:80":        {err: "Error: any valid address is expected rather than \"host:80\".\n", code: 1},
		"subflow create 1" + end + " signal": {err: "Error: argument \"signal\" is wrong: unknown word for subflow create\n", code: 255},
		"subflow delete 1" + end:             {err: "Error: argument \"10.0.0.1\" is wrong: expected ADDRESS:PORT, [ADDRESS]:PORT for IPv6\n", code: 255},
		"subflow delete 1" + end + " id 1":   {err: "Error: argument \"10.0.0.1\" is wrong: expected ADDRESS:PORT, [ADDRESS]:PORT for IPv6\n", code: 255},
		"subflow priority 1" + end:           {err: "Error: argument \"backup|nobackup\" is required\n", code: 255},
		"endpoint show token":                {err: "Error: argument \"TOKEN\" is required\n", code: 255},
		"endpoint show --filter token=1":     {err: "Error: any valid address is expected rather than \"--filter\".\n", code: 1},
		"endpoint --bogus":                   {err: "Option \"-bogus\" is unknown, try \"ip -help\".\n", code: 255},
		"monitor --filter":                   {err: "Command line is not complete. Try option \"help\"\n", code: 255},
		"monitor now":                        {err: "Command \"now\" is unknown, try \"ip mptcp help\".\n", code: 255},
		"bogus":                              {err: "Command \"bogus\" is unknown, try \"ip mptcp help\".\n", code: 255},
	} {
		if got := run(t, ns, ipmptcp.Command, strings.Fields(line)...); got != want {
			t.Errorf("%s: %+v, want %+v", line, got, want)
		}
	}
}

// TestUnknownConnection is the kernel's own refusal.
func TestUnknownConnection(t *testing.T) {
	ns := netnstest.New(t)
	dial(t, ns)
	for _, line := range []string{
		"announce 83119fc5 10.0.0.1 id 1", "withdraw 83119fc5 id 1",
		"subflow create 83119fc5 from 10.0.0.1 to 10.0.0.2:80 id 1",
		"subflow delete 83119fc5 from 10.0.0.1:5 to 10.0.0.2:80",
		"subflow priority 83119fc5 from 10.0.0.1 to 10.0.0.2:80 backup",
	} {
		if got := run(t, ns, ipmptcp.Command, strings.Fields(line)...); got.code != 2 || !strings.HasPrefix(got.err, "Error: ") || !strings.Contains(got.err, "token") {
			t.Errorf("%s: %+v, want the kernel's words on the token", line, got)
		}
	}
}

// TestOurJSON: --json is our own in allroads, and ip's in its place.
func TestOurJSON(t *testing.T) {
	ns := netnstest.New(t)
	dial(t, ns)
	for _, line := range []string{"endpoint add 10.0.0.1 id 3 subflow backup dev lo", "endpoint add ::1.2.3.4 id 4"} {
		if got := run(t, ns, ipmptcp.Command, strings.Fields(line)...); got != (result{}) {
			t.Fatal(got)
		}
	}
	const endpoints = `{"schema":"allroads.endpoints/1","endpoints":[` +
		`{"address":"10.0.0.1","id":3,"flags":["subflow","backup"],"ifindex":1,"dev":"lo"},` +
		`{"address":"::102:304","id":4,"flags":[]}]}` + "\n"
	const limits = `{"schema":"allroads.limits/1","subflows":2,"add_addr_accepted":0}` + "\n"
	for line, want := range map[string]string{
		"--json endpoint": endpoints, "endpoint show --json": endpoints, "-p endpoint --json show": endpoints,
		"limits --json": limits, "--json limits show": limits,
		"-json endpoint show id 4":  `[{"address":"::1.2.3.4","id":4}]` + "\n",
		"endpoint show id 4 -j -p":  "[ {\n        \"address\": \"::1.2.3.4\",\n        \"id\": 4\n    } ]\n",
		"endpoint show id 3 -o -c":  "\x1b[1;35m10.0.0.1 \x1b[0mid 3 subflow backup dev \x1b[1;36mlo \x1b[0m\\",
		"endpoint show -- id 4":     "::1.2.3.4 id 4 \n",
		"-ts -t -j -p -c limits -o": "add_addr_accepted 0 subflows 2 \\",
	} {
		if got := run(t, ns, ipmptcp.Command, strings.Fields(line)...); got != (result{out: want}) {
			t.Errorf("%s: %+v, want %q", line, got, want)
		}
	}
	if got := run(t, ns, ipmptcp.Run, "--json", "endpoint", "show", "id", "4"); got.out != `[{"address":"::1.2.3.4","id":4}]`+"\n" {
		t.Errorf("--json of ip: %+v", got)
	}
}

// TestWithoutNetAdmin: who lacks the right is told which, but not in ip's place.
func TestWithoutNetAdmin(t *testing.T) {
	ns := netnstest.New(t)
	dial(t, ns)
	const kernel, monitor = "RTNETLINK answers: Operation not permitted\n", "can't subscribe to mptcp events: Operation not permitted\n"
	for line, want := range map[string]result{
		"endpoint add 10.0.0.1": {err: kernel, code: 2},
		"endpoint flush":        {err: kernel, code: 2},
		"limits set subflows 1": {err: kernel, code: 2},
		"monitor":               {err: monitor, code: 255},
		"-j monitor":            {err: monitor, code: 255},
	} {
		for _, call := range []command{ipmptcp.Run, ipmptcp.Command} {
			var out, stderr strings.Builder
			var code int
			must(t, ns.Do(func() error {
				if err := dropNetAdmin(); err != nil {
					return err
				}
				code = call(context.Background(), strings.Fields(line), &out, &stderr)
				return nil
			}))
			hint := strings.TrimPrefix(stderr.String(), want.err)
			if hint == stderr.String() || code != want.code || out.Len() > 0 || (hint != "") != strings.Contains(hint, "CAP_NET_ADMIN") {
				t.Errorf("%s: %d %q %q, want %+v", line, code, out.String(), stderr.String(), want)
			}
		}
	}
	if got := run(t, ns, ipmptcp.Run, "endpoint"); got != (result{}) {
		t.Errorf("what was refused has left %+v", got)
	}
}

// dropNetAdmin takes CAP_NET_ADMIN from the calling thread.
func dropNetAdmin() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	data[0].Effective &^= 1 << unix.CAP_NET_ADMIN
	return unix.Capset(&header, &data[0])
}

// TestFullDisk: what cannot be written is an error.
func TestFullDisk(t *testing.T) {
	ns := netnstest.New(t)
	dial(t, ns)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	must(t, err)
	defer full.Close()
	for _, args := range [][]string{{"limits"}, {"-j", "endpoint"}} {
		var stderr strings.Builder
		must(t, ns.Do(func() error {
			if code := ipmptcp.Run(t.Context(), args, full, &stderr); code == 0 || !strings.Contains(stderr.String(), "no space left") {
				t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
			}
			return nil
		}))
	}
}
