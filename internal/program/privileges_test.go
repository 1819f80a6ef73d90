package program

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestPrivileges has what getcap(8) and the file's mode say.
func TestPrivileges(t *testing.T) {
	t.Parallel()
	plain := madeC(t, plainC)
	if p := examined(t, plain); p.Privileges.SetUID != nil || p.Privileges.SetGID != nil || p.Privileges.Capabilities != nil || p.Privileges.Any() {
		t.Errorf("%+v", p.Privileges)
	}
	p := examined(t, copied(t, plain, 0o755|os.ModeSetuid|os.ModeSetgid))
	if p.Privileges.SetUID == nil || int(*p.Privileges.SetUID) != os.Geteuid() || p.Privileges.SetGID == nil || p.Privileges.Any() == p.Privileges.Ignored {
		t.Errorf("%+v", p.Privileges)
	}
	if p := examined(t, copied(t, plain, 0o745|os.ModeSetgid)); p.Privileges.SetGID != nil {
		t.Errorf("set-gid without the group's right to execute: %+v", p.Privileges)
	}
	if os.Geteuid() != 0 {
		t.Skip("the rest gives file capabilities: run it as root")
	}
	path := copied(t, plain, 0o755)
	run(t, nil, "setcap", "cap_net_admin,cap_bpf=ep", path)
	if said := run(t, nil, "getcap", path); !strings.Contains(said, "cap_net_admin,cap_bpf=ep") {
		t.Fatalf("getcap says %s", said)
	}
	if p := examined(t, path); !slices.Equal(p.Privileges.Capabilities, []string{"cap_net_admin", "cap_bpf"}) || !p.Privileges.Any() {
		t.Errorf("%+v", p.Privileges)
	}
}

// TestIgnored: on what is mounted nosuid, nothing is given.
func TestIgnored(t *testing.T) {
	var fs unix.Statfs_t
	const folder = "/dev/shm"
	if err := unix.Statfs(folder, &fs); err != nil || int64(fs.Flags)&unix.ST_NOSUID == 0 {
		t.Skip(folder + " is not mounted nosuid")
	}
	file, err := os.CreateTemp(folder, "allroads-test-")
	if err != nil {
		t.Skip(err)
	}
	defer os.Remove(file.Name())
	text, err := os.ReadFile(madeC(t, plainC))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(text); err != nil {
		t.Fatal(err)
	}
	file.Close()
	if err := os.Chmod(file.Name(), 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	if p := examined(t, file.Name()).Privileges; p.SetUID == nil || !p.Ignored || p.Any() {
		t.Errorf("%+v", p)
	}
}

func TestFileCapabilities(t *testing.T) {
	value := func(words ...uint32) (b []byte) {
		for _, w := range words {
			b = binary.LittleEndian.AppendUint32(b, w)
		}
		return b
	}
	for _, c := range []struct {
		value []byte
		want  string
	}{
		{nil, ""}, {value(0x01000001, 1), ""},
		{value(0x01000001, 1|1<<12, 0), "cap_chown cap_net_admin"},                          // revision 1
		{value(0x02000001, 1<<13, 0, 1<<7, 0), "cap_net_raw cap_bpf"},                       // revision 2
		{value(0x03000001, 1<<10, 0, 1<<31, 0, 1000), "cap_net_bind_service capability 63"}, // with a namespace's root
		{value(0x02000001, 0, 1<<13, 0, 0), ""},                                             // may only be inherited
	} {
		if got := strings.Join(fileCapabilities(c.value), " "); got != c.want {
			t.Errorf("%x: %q, want %q", c.value, got, c.want)
		}
	}
}
