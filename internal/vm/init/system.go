package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// filesystems are what a running system has mounted, in the order of mounting.
var filesystems = []struct{ target, kind, data string }{
	{"/proc", "proc", ""},
	{"/sys", "sysfs", ""},
	{"/dev", "devtmpfs", ""},
	{"/dev/pts", "devpts", "mode=620,ptmxmode=666"},
	{"/dev/shm", "tmpfs", ""},
	{"/tmp", "tmpfs", ""},
	{"/run", "tmpfs", ""},
	{"/sys/fs/cgroup", "cgroup2", ""},
	{"/sys/fs/bpf", "bpf", ""},
}

func mountAll() error {
	for _, f := range filesystems {
		if err := os.MkdirAll(f.target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(f.kind, f.target, f.kind, 0, f.data); err != nil {
			return fmt.Errorf("mount %s on %s: %w", f.kind, f.target, err)
		}
	}
	return os.Chmod("/tmp", 0o777|os.ModeSticky)
}

func load(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.FinitModule(int(file.Fd()), "", 0); err != nil && err != unix.EEXIST {
		return fmt.Errorf("load module %s: %w", path, err)
	}
	return nil
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("set lo up: %w", err)
	}
	return nil
}
