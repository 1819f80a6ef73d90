package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"allroads/internal/unit"
)

// reload has systemd read units again, if it runs here, and restart those if wanted
// that run. Else it says what to do.
func (f *unitFlags) reload(ctx context.Context, out *screen, units []unit.Name, now bool) error {
	switch {
	case f.root != "":
		return nil
	case !f.managed():
		out.printf("systemd does not run here: nothing is to be restarted\n")
		return nil
	}
	if err := f.systemctl(ctx, "daemon-reload"); err != nil {
		return err
	}
	var plain []string
	for _, u := range units {
		if !u.IsTemplate() {
			plain = append(plain, string(u))
		}
	}
	if len(plain) < len(units) {
		out.printf("when it suits: restart the instances that run\n")
	}
	if len(plain) == 0 {
		return nil
	}
	if now {
		return f.systemctl(ctx, append([]string{"try-restart", "--"}, plain...)...)
	}
	out.printf("when it suits: systemctl %srestart %s\n", map[bool]string{true: "--user "}[f.user], strings.Join(plain, " "))
	return nil
}

// managed reports whether there is a service manager (sd_booted(3)).
func (f *unitFlags) managed() bool {
	path := "/run/systemd/system"
	if f.user {
		path = os.Getenv("XDG_RUNTIME_DIR") + "/systemd/private"
	}
	_, err := os.Stat(path)
	return err == nil
}

func (f *unitFlags) systemctl(ctx context.Context, args ...string) error {
	if f.user {
		args = append([]string{"--user"}, args...)
	}
	cmd := exec.CommandContext(ctx, "systemctl", args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the drop-in is written, but systemctl %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
