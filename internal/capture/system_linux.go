package capture

import "golang.org/x/sys/unix"

// system names the operating system and its release: "Linux 6.12.3".
func system() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "Linux"
	}
	return unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:])
}
