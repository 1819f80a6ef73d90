package lab

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// completed returns a copy of the topology in which all that is left open is
// decided: names of interfaces, and what makes a router.
func (t *Topology) completed() *Topology {
	c := *t
	c.Hosts, c.Routers, c.Links = slices.Clone(t.Hosts), slices.Clone(t.Routers), slices.Clone(t.Links)
	for i := range c.Links {
		c.Links[i].Ends = slices.Clone(c.Links[i].Ends)
	}
	for link, end := range c.ends() {
		if end.Interface == "" {
			end.Interface = link.Name
		}
		end.Interface = shortened(end.Interface)
	}
	for i := range c.Routers {
		r := &c.Routers[i]
		r.Sysctls = laid(r.Sysctls, routerSysctls)
		r.Masquerade = slices.Clone(r.Masquerade)
		r.Middlebox = slices.Clone(r.Middlebox)
		r.shorten()
	}
	for _, host := range c.nodes() {
		host.shorten()
	}
	return &c
}

// maxInterface is the kernel's limit of an interface's name (IFNAMSIZ).
const maxInterface = 15

// shortened makes an interface's name one that the kernel takes: of a longer one
// the beginning and four digits are left, which tell it from others that begin so.
func shortened(name string) string {
	if len(name) <= maxInterface || !interfaceSpelling.matches(name) {
		return name
	}
	hash := fnv.New32a()
	hash.Write([]byte(name))
	digits := strconv.FormatUint(uint64(hash.Sum32())|1<<31, 16)
	return name[:maxInterface-5] + "-" + digits[4:]
}

// shorten shortens the interfaces that a host's settings name.
func (h *HostConfig) shorten() {
	h.Routes, h.MPTCP.Endpoints = slices.Clone(h.Routes), slices.Clone(h.MPTCP.Endpoints)
	for i := range h.Routes {
		h.Routes[i].Dev = shortened(h.Routes[i].Dev)
	}
	for i := range h.MPTCP.Endpoints {
		h.MPTCP.Endpoints[i].Dev = shortened(h.MPTCP.Endpoints[i].Dev)
	}
	settings := maps.Clone(h.Sysctls)
	for key, value := range h.Sysctls {
		if name := sysctlInterface(key); len(name) > maxInterface {
			delete(settings, key)
			settings[strings.Replace(key, name, shortened(name), 1)] = value
		}
	}
	h.Sysctls = settings
}

func (r *RouterConfig) shorten() {
	for i := range r.Masquerade {
		r.Masquerade[i] = shortened(r.Masquerade[i])
	}
	for i := range r.Middlebox {
		r.Middlebox[i].Dev = shortened(r.Middlebox[i].Dev)
	}
}

// laid lays settings over others.
func laid(upper, lower map[string]string) map[string]string {
	merged := maps.Clone(lower)
	maps.Copy(merged, upper)
	return merged
}
