package api

import (
	"context"
	"sync"
)

// turns lets a user have few large answers at once. One is several megabytes where there
// are many connections, and is kept until its client has read it.
type turns struct {
	mutex sync.Mutex
	users map[uint32]*turn
}

type turn struct {
	places chan struct{}
	asking int
}

// largeAtOnce is for each user.
const largeAtOnce = 2

// take waits for a turn; none is had where the context ends first.
func (t *turns) take(ctx context.Context, uid uint32) (give func(), had bool) {
	own := t.of(uid)
	select {
	case own.places <- struct{}{}:
		return func() { <-own.places; t.leave(uid) }, true
	case <-ctx.Done():
		t.leave(uid)
		return nil, false
	}
}

func (t *turns) of(uid uint32) *turn {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.users == nil {
		t.users = map[uint32]*turn{}
	}
	own := t.users[uid]
	if own == nil {
		own = &turn{places: make(chan struct{}, largeAtOnce)}
		t.users[uid] = own
	}
	own.asking++
	return own
}

func (t *turns) leave(uid uint32) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.users[uid].asking--; t.users[uid].asking == 0 {
		delete(t.users, uid)
	}
}
