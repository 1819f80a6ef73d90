package netns

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestBlame(t *testing.T) {
	const (
		users    = "user/max_user_namespaces"
		networks = "user/max_net_namespaces"
		debian   = "kernel/unprivileged_userns_clone"
		ubuntu   = "kernel/apparmor_restrict_unprivileged_userns"
	)
	type settings map[string]string
	allowed := settings{users: "100", networks: "100", debian: "1", ubuntu: "0"}
	for _, c := range []struct {
		errno    syscall.Errno
		settings settings
		want     string
	}{
		{unix.ENOSPC, settings{users: "0", networks: "0", debian: "0", ubuntu: "1"}, "sysctl user.max_user_namespaces=0"},
		{unix.ENOSPC, settings{users: "1", networks: "0", debian: "0", ubuntu: "1"}, "sysctl user.max_net_namespaces=0"},
		{unix.EPERM, settings{users: "1", debian: "0", ubuntu: "1"}, "sysctl kernel.unprivileged_userns_clone=0"},
		{unix.EPERM, settings{users: "1", debian: "1", ubuntu: "1"}, "AppArmor, by sysctl kernel.apparmor_restrict_unprivileged_userns=1,"},
		{unix.EACCES, settings{ubuntu: "1"}, "AppArmor, by sysctl kernel.apparmor_restrict_unprivileged_userns=1,"},
		{unix.ENOSPC, allowed, "the limit sysctl user.max_user_namespaces or user.max_net_namespaces"},
		{unix.EPERM, allowed, "a seccomp filter or security module, as in a container,"},
		{unix.EACCES, allowed, "a seccomp filter or security module, as in a container,"},
		{unix.EPERM, nil, "a seccomp filter or security module, as in a container,"},
		{unix.EINVAL, nil, "a kernel without CONFIG_USER_NS"},
		{unix.ENOMEM, allowed, ""},
		{unix.EAGAIN, nil, ""},
		{unix.ENOENT, allowed, ""},
	} {
		read := func(path string) string { return c.settings[path] }
		if got := blame(c.errno, read, false); got != c.want {
			t.Errorf("blame(%v, %v) = %q, want %q", c.errno, c.settings, got, c.want)
		}
	}
}

func TestBlameBareRoot(t *testing.T) {
	none := func(string) string { return "" }
	const want = "being root without its capabilities, as in a container,"
	if got := blame(unix.EPERM, none, true); got != want {
		t.Errorf("root without capabilities: blame = %q, want %q", got, want)
	}
	if got := blame(unix.EACCES, none, true); got == want {
		t.Errorf("blame = %q, but the kernel checks capabilities with EPERM", got)
	}
	debian := func(path string) string { return map[string]string{"kernel/unprivileged_userns_clone": "0"}[path] }
	if got := blame(unix.EPERM, debian, true); got == want {
		t.Errorf("blame = %q, want the sysctl, which comes first", got)
	}
}

func TestForbidden(t *testing.T) {
	start := &os.PathError{Op: "fork/exec", Path: "/proc/self/exe", Err: unix.EPERM}
	err := forbidden(fmt.Errorf("wrapped: %w", start))
	var typed *ForbiddenError
	if !errors.As(err, &typed) || !errors.Is(err, unix.EPERM) {
		t.Fatalf("forbidden(EPERM) = %v, want a ForbiddenError", err)
	}
	for _, want := range []string{"make user namespace: operation not permitted (", " forbids it): run it as root"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	other := errors.New("not from the kernel")
	if err := forbidden(other); errors.As(err, &typed) || !errors.Is(err, other) {
		t.Errorf("forbidden(%v) = %v, want it wrapped and no ForbiddenError", other, err)
	}
}

func TestReadSetting(t *testing.T) {
	if got := readSetting("kernel/ostype"); got != "Linux" {
		t.Errorf("readSetting(kernel/ostype) = %q, want Linux", got)
	}
	if got := readSetting("kernel/none"); got != "" {
		t.Errorf("readSetting of nothing = %q", got)
	}
}
