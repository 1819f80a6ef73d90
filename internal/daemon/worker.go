package daemon

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"allroads/internal/api"
	"allroads/internal/config"
	"allroads/internal/control"
	"allroads/internal/metered"
	"allroads/internal/policy"
	"allroads/internal/rtnl"
	"allroads/internal/steering"
	"allroads/pathmanager"
)

// worker manages one namespace. All of its state belongs to whichever of two goroutines
// has the turn: the one that runs listen, or the one that runs run. Whoever wants to know
// something, or to change it, sends the latter a question.
type worker struct {
	turn sync.Mutex

	place     *place
	hold      net.Listener // that no other allroadsd is here, may be nil
	system    *system
	metered   *metered.Watch // nil: nothing is known
	book      *book
	log       *slog.Logger
	stream    *api.Stream
	questions chan func()
	ready     chan struct{} // closed when the kernel was made equal to policy for the first time
	over      chan struct{} // closed when all is undone
	keep      bool          // leave everything as it is, whatever on_stop says

	config  *config.Config
	record  record
	picture *rtnl.Picture
	news    *news
	alarm   alarm

	ids       policy.IDs
	max       int // endpoints that the kernel has room for
	mode      config.Mode
	manager   string // what the sysctl says
	addresses []address
	tables    tables
	routing   routing
	tries     tries
	wanted    map[string]bool // of tries, what was attempted since the last look at all
	manages   connections     // nil before the first look
	census    census
	conflicts []string
	rivals    rivalLook
	losses    control.Losses

	burst   int       // events since memory was given back
	tidy    time.Time // when to give it back; zero: there is little
	checked time.Time // when the kernel's tables were last compared with policy
	suspect time.Time // when to compare them because something looks odd; zero: nothing does
}

// connections is who decides about single connections: one of the two modes.
type connections interface {
	network(now time.Time)
	routes(now time.Time)
	heard(now time.Time, events []pathmanager.Event)
	found(now, began time.Time, live []steering.Live)
	due() (time.Time, bool)
	tick(now time.Time)
	configured(now time.Time)
	stop(now time.Time)

	pending() []control.Pending
	list() []control.Connection
	story(token pathmanager.Token) (control.Story, bool)
	counts(*control.Counts)
}

// run works until the context ends; then it undoes what it did.
func (w *worker) run(ctx context.Context) {
	defer close(w.over)
	w.begin(time.Now())
	w.alarm.set(w.due())
	close(w.ready)
	for {
		select {
		case <-w.news.wake:
			w.act(ctx, w.look)
		case <-w.system.watch.changes():
			w.act(ctx, func(now time.Time) { w.manages.routes(now) })
		case question := <-w.questions:
			w.act(ctx, func(time.Time) { question() })
		case <-w.alarm.rings():
			w.act(ctx, w.rung)
		case <-ctx.Done():
			w.turn.Lock()
			defer w.turn.Unlock()
			w.end(time.Now())
			return
		}
	}
}

// act does something in turn, and sets the alarm for what is due then. Nothing is done
// once the context has ended: all is undone, or about to be.
func (w *worker) act(ctx context.Context, do func(now time.Time)) {
	w.turn.Lock()
	defer w.turn.Unlock()
	if ctx.Err() == nil {
		do(time.Now())
		w.alarm.set(w.due())
	}
}

// ask has fn called by the worker's goroutine, and waits for that. It reports whether it
// was: a worker that is over, or busy for longer than the context, answers nothing.
func (w *worker) ask(ctx context.Context, fn func()) bool {
	done := make(chan struct{})
	select {
	case w.questions <- func() { fn(); close(done) }:
	case <-w.over:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case <-done:
	case <-w.over: // It came too late to be called.
		return false
	}
	return true
}

// begin takes over what an earlier allroadsd has left, and makes the kernel equal to policy.
func (w *worker) begin(now time.Time) {
	w.ids.Restore(w.record.IDs)
	w.tables.adopt(w)
	w.look(now)
	w.count(now)
}

// look takes the network as it is now, and makes the kernel equal to policy.
func (w *worker) look(now time.Time) {
	picture, lost := w.news.take()
	if picture != nil {
		w.picture = picture
	}
	w.tries.changed(now)
	w.refresh(now)
	if lost.times > 0 {
		w.lostNetwork(now, lost)
	}
}

// refresh is the one way in which anything is brought about: what is wanted follows from
// the picture and the configuration, what is there is asked for, and the difference is
// carried out. It may be called at any time, any number of times.
func (w *worker) refresh(now time.Time) {
	w.wanted = map[string]bool{}
	w.checked, w.suspect = now, time.Time{}
	w.assess(now)
	w.routing.draw(w)
	w.choose(now)
	w.routing.reconcile(w)
	w.tables.reconcile(w, now)
	if w.tries[listConnections] != nil {
		w.count(now)
	}
	w.tries.only(w.wanted)
	w.manages.network(now)
	w.findConflicts()
}

// rung is called when the alarm has rung.
func (w *worker) rung(now time.Time) {
	w.alarm.rang()
	w.tick(now)
}

// tick is called when something is due.
func (w *worker) tick(now time.Time) {
	due, some := w.checkDue()
	if some && !now.Before(due) {
		w.refresh(now)
	}
	if due, some := w.manages.due(); some && !now.Before(due) {
		w.manages.tick(now)
	}
	if !w.tidy.IsZero() && !now.Before(w.tidy) {
		w.giveBack()
	}
}

// due is when the next thing is. An idle worker has nothing but its check.
func (w *worker) due() (first time.Time, some bool) {
	first, some = w.checkDue()
	if due, any := w.manages.due(); any && (!some || due.Before(first)) {
		first, some = due, true
	}
	if !w.tidy.IsZero() && (!some || w.tidy.Before(first)) {
		first, some = w.tidy, true
	}
	return first, some
}

// checkDue is when the kernel's tables are compared with policy: regularly, when
// something looks odd, and when what was refused is tried again.
func (w *worker) checkDue() (first time.Time, some bool) {
	first, some = w.tries.next()
	if every := w.config.CheckEvery; every > 0 {
		if regular := w.checked.Add(every); !some || regular.Before(first) {
			first, some = regular, true
		}
	}
	if !w.suspect.IsZero() && (!some || w.suspect.Before(first)) {
		first, some = w.suspect, true
	}
	return first, some
}

// suspicion is how long a worker waits after an odd event before it compares tables: a
// flush closes many subflows.
const suspicion = 50 * time.Millisecond

// doubt has the tables compared soon.
func (w *worker) doubt(now time.Time) {
	if w.suspect.IsZero() {
		w.suspect = now.Add(suspicion)
	}
}

// save writes down what was done.
func (w *worker) save() error { return w.book.write(w.record) }

// attempt does something that has to be done, unless it failed not long ago. What comes
// of it is told: once where it works, and once for each cause where it does not.
func (w *worker) attempt(what, why string, do func() (changed bool, err error)) bool {
	now := time.Now()
	w.wanted[what] = true
	if !w.tries.due(what, now) {
		return false
	}
	changed, err := do()
	if err != nil {
		if w.tries.failed(what, err, now) {
			w.log.Warn("refused", "what", what, "why", why, "error", err, "did", "try again, at growing intervals")
			w.publish("error", what+": "+err.Error(), why)
		}
		return false
	}
	again := w.tries.worked(what)
	if changed {
		w.log.Info("done", "what", what, "why", why, "after_failures", again)
		w.publish(kindOf(what), what, why)
	}
	return true
}

// publish tells whoever follows the events of something that is not about a connection.
func (w *worker) publish(kind, text, why string) {
	w.stream.Publish(control.Event{Time: time.Now(), Namespace: w.place.name, Kind: kind, Text: text, Why: why})
}
