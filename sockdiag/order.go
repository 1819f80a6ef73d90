package sockdiag

import (
	"cmp"
	"slices"
)

// order sorts subflows: the initial one first, then by ids.
func order(subflows []Subflow) {
	slices.SortStableFunc(subflows, func(a, b Subflow) int {
		return cmp.Or(
			cmp.Compare(a.joinFlags(), b.joinFlags()),
			cmp.Compare(a.LocalID, b.LocalID),
			cmp.Compare(a.RemoteID, b.RemoteID),
			a.Local.Compare(b.Local),
			a.Remote.Compare(b.Remote),
		)
	})
}

func (s *Subflow) joinFlags() int {
	if s.Initial() {
		return 0
	}
	return 1
}
