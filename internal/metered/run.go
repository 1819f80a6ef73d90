package metered

import (
	"context"
	"errors"
	"time"
)

// patience is how long the bus, or NetworkManager, may take for an answer.
const patience = 5 * time.Second

// waits are between attempts after something broke or did not answer: the last one is for
// all that follow. There are none as long as all is well, or where there is no bus.
var waits = []time.Duration{time.Second, 4 * time.Second, 16 * time.Second, time.Minute, 5 * time.Minute}

func waitAfter(failures int) time.Duration { return waits[min(failures, len(waits))-1] }

// errNoBus tells that nobody listens where the bus would be.
var errNoBus = errors.New("no bus listens")

// run follows what NetworkManager says over one connection after another.
func (w *Watch) run(ctx context.Context) {
	defer close(w.over)
	failures, hurried := 0, len(hurries)
	for ctx.Err() == nil {
		arrival, began := expect(w.addresses), time.Now()
		err := w.connect(ctx, arrival)
		switch {
		case ctx.Err() != nil:
		case !errors.Is(err, errNoBus) || !arrival.possible():
			if time.Since(began) > waits[len(waits)-1] {
				failures = 0 // It was well for long.
			}
			failures++
			rest(ctx, waitAfter(failures))
		case hurried < len(hurries):
			rest(ctx, hurries[hurried])
			hurried++
		default:
			arrival.wait(ctx)
			failures, hurried = 0, 0
		}
		arrival.close()
	}
}

// connect connects, and stays until the connection breaks.
func (w *Watch) connect(ctx context.Context, arrival *arrival) error {
	defer w.settled()
	inbox := newInbox()
	bus, err := connect(ctx, w.addresses, inbox)
	if err != nil {
		return err
	}
	arrival.close()
	defer w.learn(nil)
	defer bus.close()
	if err := bus.subscribe(ctx); err != nil {
		return err
	}
	return w.follow(ctx, &manager{bus: bus, inbox: inbox, learn: w.learn})
}

// follow asks at first, and whenever something has changed.
func (w *Watch) follow(ctx context.Context, m *manager) error {
	m.inbox.all()
	for failures := 0; ; {
		err := m.catchUp(ctx)
		switch {
		case ctx.Err() != nil || !m.bus.Connected() || errors.Is(err, errBus):
			return errors.Join(err, errClosed)
		case err == nil:
			failures = 0
		default:
			failures++
		}
		w.settled()
		if !m.inbox.next(ctx, m.bus.Context(), failures) {
			return errClosed
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
