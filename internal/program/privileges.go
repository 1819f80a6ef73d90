package program

import (
	"encoding/binary"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// capabilityNames are those of linux/capability.h, by number.
var capabilityNames = [...]string{
	"cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_fsetid", "cap_kill", "cap_setgid", "cap_setuid",
	"cap_setpcap", "cap_linux_immutable", "cap_net_bind_service", "cap_net_broadcast", "cap_net_admin", "cap_net_raw",
	"cap_ipc_lock", "cap_ipc_owner", "cap_sys_module", "cap_sys_rawio", "cap_sys_chroot", "cap_sys_ptrace", "cap_sys_pacct",
	"cap_sys_admin", "cap_sys_boot", "cap_sys_nice", "cap_sys_resource", "cap_sys_time", "cap_sys_tty_config", "cap_mknod",
	"cap_lease", "cap_audit_write", "cap_audit_control", "cap_setfcap", "cap_mac_override", "cap_mac_admin", "cap_syslog",
	"cap_wake_alarm", "cap_block_suspend", "cap_audit_read", "cap_perfmon", "cap_bpf", "cap_checkpoint_restore",
}

// privilegesOf reads what executing a file gives.
func privilegesOf(file *os.File, info os.FileInfo) (p Privileges) {
	status := info.Sys().(*syscall.Stat_t)
	if info.Mode()&os.ModeSetuid != 0 {
		p.SetUID = &status.Uid
	}
	// Without the group's right to execute, it is a mark of mandatory locking.
	if info.Mode()&os.ModeSetgid != 0 && info.Mode()&0o010 != 0 {
		p.SetGID = &status.Gid
	}
	value := make([]byte, 64)
	if n, err := unix.Fgetxattr(int(file.Fd()), "security.capability", value); err == nil {
		p.Capabilities = fileCapabilities(value[:n])
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(int(file.Fd()), &fs); err == nil {
		p.Ignored = int64(fs.Flags)&unix.ST_NOSUID != 0
	}
	return p
}

// fileCapabilities reads a struct vfs_cap_data of linux/capability.h, little-endian
// everywhere: a word of revision and flags, then pairs of permitted and inheritable.
// What may only be inherited is given to nobody who does not have it, and is left out.
func fileCapabilities(value []byte) (names []string) {
	if len(value) < 12 {
		return nil
	}
	permitted := uint64(binary.LittleEndian.Uint32(value[4:]))
	if len(value) >= 20 { // Revision 1 has one pair.
		permitted |= uint64(binary.LittleEndian.Uint32(value[12:])) << 32
	}
	for i := range 64 {
		if permitted&(1<<i) == 0 {
			continue
		}
		if i < len(capabilityNames) {
			names = append(names, capabilityNames[i])
		} else {
			names = append(names, "capability "+strconv.Itoa(i))
		}
	}
	return names
}
