package policy_test

import (
	"cmp"
	"slices"
	"syscall"

	"allroads/pathmanager"
)

// table is a model of the kernel's table of endpoints, with what the Fake of package
// pathmanagertest leaves out: implicit endpoints, which the kernel makes itself and
// replaces in an Add without id (mptcp_pm_nl_append_new_local_addr).
type table struct {
	max       int
	endpoints []pathmanager.Endpoint
}

func (k *table) add(e pathmanager.Endpoint) error {
	taken := slices.IndexFunc(k.endpoints, func(o pathmanager.Endpoint) bool {
		return o.Addr.Unmap() == e.Addr.Unmap() && o.Port == e.Port
	})
	switch {
	case len(k.endpoints) >= k.max:
		return syscall.ERANGE
	case e.ID != 0 && k.at(e.ID) >= 0:
		return syscall.EBUSY
	case taken >= 0 && k.endpoints[taken].Flags&pathmanager.Implicit == 0:
		return syscall.EEXIST
	case taken >= 0 && e.ID != 0:
		return syscall.EINVAL
	case taken >= 0:
		e.ID = k.endpoints[taken].ID
		k.endpoints = slices.Delete(k.endpoints, taken, taken+1)
	}
	for id := 1; e.ID == 0; id++ {
		if k.at(uint8(id)) < 0 {
			e.ID = uint8(id)
		}
	}
	k.endpoints = append(k.endpoints, e)
	slices.SortFunc(k.endpoints, func(a, b pathmanager.Endpoint) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

func (k *table) at(id uint8) int {
	return slices.IndexFunc(k.endpoints, func(e pathmanager.Endpoint) bool { return e.ID == id })
}
