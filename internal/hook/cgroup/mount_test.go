package cgroup

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Lines of /proc/self/mountinfo: of a host with both versions, of one with version 2
// alone, of a container that shows its own part, and one with a blank in it.
const mountinfo = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate
99 31 0:38 /system.slice/box.scope /sys/fs/cgroup ro,nosuid master:11 - cgroup2 cgroup rw
98 31 0:38 / /mnt/my\040cgroups rw - cgroup2 none rw
97 31 0:38 / /mnt/cgroup2 rw - ext4 cgroup2 rw
`

func TestReadMounts(t *testing.T) {
	got, err := readMounts(strings.NewReader(mountinfo))
	if err != nil {
		t.Fatal(err)
	}
	want := []mount{
		{"/", "/sys/fs/cgroup/unified"}, {"/", "/sys/fs/cgroup"},
		{"/system.slice/box.scope", "/sys/fs/cgroup"}, {"/", "/mnt/my cgroups"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(mount{})); diff != "" {
		t.Error(diff)
	}
}

func TestDirectory(t *testing.T) {
	for _, c := range []struct {
		mount      mount
		path, want string
	}{
		{mount{"/", "/sys/fs/cgroup"}, "/", "/sys/fs/cgroup"},
		{mount{"/", "/sys/fs/cgroup"}, "/user.slice/a b", "/sys/fs/cgroup/user.slice/a b"},
		{mount{"/box", "/sys/fs/cgroup"}, "/box/x", "/sys/fs/cgroup/x"},
		{mount{"/box", "/sys/fs/cgroup"}, "/box", "/sys/fs/cgroup"},
		{mount{"/box", "/sys/fs/cgroup"}, "/boxes", ""},
		{mount{"/box", "/sys/fs/cgroup"}, "/", ""},
	} {
		if got, ok := c.mount.directory(c.path); got != c.want || ok != (c.want != "") {
			t.Errorf("%v has %s at %q, %v; want %q", c.mount, c.path, got, ok, c.want)
		}
	}
}

// TestOwn: this process is in the cgroup that is found for it.
func TestOwn(t *testing.T) {
	own, err := Own()
	if err != nil {
		t.Skip(err)
	}
	c, err := Open(own)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pids, err := c.Processes()
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if pid == os.Getpid() {
			return
		}
	}
	t.Errorf("%s does not have process %d", own, os.Getpid())
}
