package impair

// A fifo is a queue that grows as it must.
type fifo[T any] struct {
	items  []T // a power of two of them, or none
	head   int
	length int
}

// keep is how much room a fifo that runs empty keeps at most.
const keep = 4096

func (f *fifo[T]) push(item T) {
	if f.length == len(f.items) {
		f.grow()
	}
	f.items[(f.head+f.length)&(len(f.items)-1)] = item
	f.length++
}

func (f *fifo[T]) grow() {
	items := make([]T, max(16, 2*len(f.items)))
	n := copy(items, f.items[f.head:])
	copy(items[n:], f.items[:f.head])
	f.items, f.head = items, 0
}

// front returns the oldest item; there must be one.
func (f *fifo[T]) front() *T { return &f.items[f.head] }

// pop removes the oldest item.
func (f *fifo[T]) pop() {
	var none T
	f.items[f.head] = none
	f.head = (f.head + 1) & (len(f.items) - 1)
	f.length--
	if f.length == 0 && len(f.items) > keep {
		f.items, f.head = nil, 0
	}
}
