package trace

// table finds what belongs to a flow by the addresses and ports of a segment,
// whichever way it goes: open addressing with linear probing, in a third of the
// time of a map with such keys.
type table[T any] struct {
	slots []slot[T] // a power of two, at most half of them taken
	used  int
}

// slot is empty when its value is nil.
type slot[T any] struct {
	hash  uint64
	key   tuple
	value *T
}

const minSlots = 64

// find returns the value of a flow, nil when there is none, and whether the
// segment goes the way of the one that it was put by.
func (t *table[T]) find(hash uint64, key *tuple) (value *T, same bool) {
	if t.used == 0 {
		return nil, false
	}
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		at := &t.slots[i]
		if at.value == nil {
			return nil, false
		}
		if at.hash != hash {
			continue
		}
		if at.key.is(key) {
			return at.value, true
		}
		if at.key.turned(key) {
			return at.value, false
		}
	}
}

// put adds the value of a flow that has none.
func (t *table[T]) put(hash uint64, key *tuple, value *T) {
	if 2*(t.used+1) > len(t.slots) {
		t.resize(max(minSlots, 2*len(t.slots)))
	}
	t.used++
	t.insert(slot[T]{hash, *key, value})
}

func (t *table[T]) insert(one slot[T]) {
	mask := uint64(len(t.slots) - 1)
	i := one.hash & mask
	for t.slots[i].value != nil {
		i = (i + 1) & mask
	}
	t.slots[i] = one
}

func (t *table[T]) resize(size int) {
	old := t.slots
	t.slots = make([]slot[T], size)
	for i := range old {
		if old[i].value != nil {
			t.insert(old[i])
		}
	}
}

// drop takes out this value of a flow, and moves up what stands behind it, so that
// every value is found from its own place without a gap. A table that is nearly
// empty gives room back.
func (t *table[T]) drop(hash uint64, value *T) {
	if t.used == 0 {
		return
	}
	mask := uint64(len(t.slots) - 1)
	i := hash & mask
	for t.slots[i].value != value {
		if t.slots[i].value == nil {
			return
		}
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; t.slots[j].value != nil; j = (j + 1) & mask {
		if home := t.slots[j].hash & mask; (j-home)&mask >= (j-i)&mask {
			t.slots[i] = t.slots[j]
			i = j
		}
	}
	t.slots[i] = slot[T]{}
	t.used--
	if len(t.slots) > minSlots && 16*t.used < len(t.slots) {
		t.resize(max(minSlots, len(t.slots)/4))
	}
}
