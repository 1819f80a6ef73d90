package unit

import (
	"path/filepath"
	"slices"
	"strings"
)

// notes are what the user of a wrapped service should know.
func (u *Unit) notes(commands []Command) (notes []string) {
	note := func(is bool, text string) {
		if is {
			notes = append(notes, text)
		}
	}
	get := func(key string) string { return u.last("Service", key) }
	notes = append(notes, u.activation()...)
	note(u.losesPrivileges(), "set-uid programs and file capabilities give no more rights below it: without CAP_SYS_ADMIN the kernel wants NO_NEW_PRIVS")
	note(get("Type") == "forking" && get("PIDFile") == "" && get("GuessMainPID") != "no",
		"systemd cannot guess its main process any more (Type=forking without PIDFile=), as allroads has processes in the unit, too")
	note(!u.allowsInternet(), "RestrictAddressFamilies= allows it no internet sockets: there is nothing to convert")
	note(isSmall(get("TasksMax")) || isSmall(get("LimitNPROC")), "TasksMax= or LimitNPROC= allows it few threads, and allroads has 8 or 16 of its own")
	note(get("LimitAS") != "" && get("LimitAS") != "infinity", "LimitAS= limits allroads, too, which wants 2 GB of address space, though not of memory")
	note(get("AppArmorProfile") != "" || get("SELinuxContext") != "", "AppArmorProfile= or SELinuxContext= now is that of allroads, and has to let it execute the program")
	note(u.enforcesSELinux(), "SELinux gives a domain to what systemd executes, which now is allroads: see whether the program's domain is still its own (ps -Z)")
	note(u.searches(commands), "its program is looked for in the PATH of the unit, and no longer where systemd would")
	root := get("RootDirectory")
	note(root != "" && root != "/" && !yes(get("MountAPIVFS")), "allroads needs /proc in its RootDirectory=: set MountAPIVFS=yes if it is not there")
	return notes
}

// losesPrivileges reports whether the filter has to be put up with NO_NEW_PRIVS, and
// the unit does not have that anyway.
func (u *Unit) losesPrivileges() bool {
	if yes(u.last("Service", "NoNewPrivileges")) || u.dynamic() {
		return false
	}
	user := u.last("Service", "User")
	if user != "" && user != "root" && user != "0" {
		return !slices.Contains(u.words("Service", "AmbientCapabilities"), "CAP_SYS_ADMIN")
	}
	bounding := u.list("Service", "CapabilityBoundingSet")
	if len(bounding) == 0 {
		return yes(u.last("Service", "PrivateUsers"))
	}
	named := slices.Contains(u.words("Service", "CapabilityBoundingSet"), "CAP_SYS_ADMIN") ||
		slices.Contains(u.words("Service", "CapabilityBoundingSet"), "~CAP_SYS_ADMIN")
	return named == strings.HasPrefix(bounding[0].value, "~")
}

func (u *Unit) allowsInternet() bool {
	families := u.words("Service", "RestrictAddressFamilies")
	if len(families) == 0 {
		return true
	}
	allowed := slices.Contains(families, "AF_INET") || slices.Contains(families, "AF_INET6")
	if strings.HasPrefix(families[0], "~") {
		families[0] = families[0][1:]
		return !slices.Contains(families, "AF_INET") || !slices.Contains(families, "AF_INET6")
	}
	return allowed
}

func (u *Unit) enforcesSELinux() bool {
	text, err := readInside(u.tree.Root, "/etc/selinux/config")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == "SELINUX=enforcing" {
			return true
		}
	}
	return false
}

// searches reports whether a program has no absolute path, and systemd's own PATH is
// not that of the unit.
func (u *Unit) searches(commands []Command) bool {
	own := slices.ContainsFunc(u.words("Service", "Environment"), func(word string) bool { return strings.HasPrefix(word, "PATH=") })
	return own && slices.ContainsFunc(commands, func(c Command) bool { return !filepath.IsAbs(c.Path) })
}
