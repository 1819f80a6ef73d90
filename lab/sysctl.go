package lab

import (
	"maps"
	"slices"
	"strings"
)

// sysctlSteps lists the settings of a host whose interface is wanted. A setting
// of one interface exists no sooner than the interface does.
func sysctlSteps(h *HostConfig, wanted func(name string) bool) []Step {
	var steps []Step
	for _, key := range slices.Sorted(maps.Keys(h.Sysctls)) {
		if value := h.Sysctls[key]; wanted(sysctlInterface(key)) {
			steps = append(steps, step(
				func(l *Lab) error { return l.hosts[h.Name].ns.SetSysctl(key, value) },
				"ip netns exec %s sysctl -q -w %s", h.Name, quote(key+"="+value)))
		}
	}
	return steps
}

// sysctlInterface returns what stands in the place of an interface's name in a
// key, as red in net.ipv4.conf.red.rp_filter and net/ipv6/neigh/red/mcast_solicit.
// In a key with dots, a slash is a dot of the interface's name.
func sysctlInterface(key string) string {
	if !strings.HasPrefix(key, "net/") {
		key = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	words := strings.Split(key, "/")
	if len(words) == 5 && (words[2] == "conf" || words[2] == "neigh") {
		return words[3]
	}
	return ""
}

// quote protects a word for the shell; validation has kept quotes out of it.
func quote(word string) string {
	if strings.ContainsAny(word, " \t") {
		return "'" + word + "'"
	}
	return word
}
