package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"allroads/internal/config"
)

// ranked is an assessment with the metric of its default route.
type ranked struct {
	Assessment
	metric uint32
}

var (
	states = []State{Ready, Waiting, Left}
	roles  = []config.Role{config.Use, config.Backup, config.Laminar, config.Signal, config.Never}
)

// order sorts the most wanted first. The kernel has one place for each address: where two
// interfaces have the same one, that which comes first is used.
func order(assessments []ranked) []Assessment {
	slices.SortFunc(assessments, compare)
	used := map[netip.Addr]string{}
	again := false
	for i := range assessments {
		a := &assessments[i]
		if a.State != Ready {
			continue
		}
		if other, taken := used[a.Address.Addr()]; taken {
			a.State, a.Reason, again = Left, fmt.Sprintf("%s has the same address, and is used", other), true
			continue
		}
		used[a.Address.Addr()] = a.Link.Name
	}
	if again {
		slices.SortFunc(assessments, compare)
	}
	sorted := make([]Assessment, len(assessments))
	for i, a := range assessments {
		sorted[i] = a.Assessment
	}
	return sorted
}

func compare(a, b ranked) int {
	return cmp.Or(
		cmp.Compare(slices.Index(states, a.State), slices.Index(states, b.State)),
		cmp.Compare(slices.Index(roles, a.Settings.Role), slices.Index(roles, b.Settings.Role)),
		cmp.Compare(a.Settings.Cost, b.Settings.Cost),
		cmp.Compare(metered(a), metered(b)),
		cmp.Compare(a.metric, b.metric),
		cmp.Compare(a.Link.Index, b.Link.Index),
		a.Address.Addr().Compare(b.Address.Addr()),
		cmp.Compare(a.Address.Prefix.Bits(), b.Address.Prefix.Bits()),
	)
}

// metered puts addresses whose traffic costs behind those of the same cost that are free,
// or of which nothing is known.
func metered(a ranked) int {
	if m := a.Settings.Metered; m != nil && *m {
		return 1
	}
	return 0
}
