package top

import (
	"context"
	"errors"
	"os"
	"time"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// ErrGone is the error when the terminal has gone.
var ErrGone = errors.New("the terminal is gone")

// Run shows connections on a terminal until a key says that it is enough, or the
// context ends, with whose cause it returns then. The terminal is as it was when it
// returns.
func Run(ctx context.Context, in, out *os.File, options Options) error {
	watch := watch{open: options.Open}
	first, err := watch.look(ctx, options.Owners)
	if err != nil {
		return err
	}
	terminal, err := fullscreen.Open(in, out)
	if err != nil {
		watch.close()
		return err
	}
	defer terminal.Close()
	r := newRun(terminal, options)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.hear(ctx, &options)
	defer r.ears.close()
	r.model.look(first, nil)
	return r.loop(ctx, watch)
}

// run is a view at work.
type run struct {
	terminal *fullscreen.Terminal
	model    *model
	grid     *fullscreen.Grid

	ears     ears
	events   chan event
	settle   *time.Timer // until events that came are drawn
	settling bool

	wanted chan bool // a look is, and whether with owners
	looks  chan looked
	timer  *time.Timer   // until the next one is wanted
	since  time.Time     // the latest was wanted
	took   time.Duration // the latest
	busy   bool          // a look is on its way
}

// looked is what came of a look.
type looked struct {
	snapshot *live.Snapshot
	err      error
}

func newRun(terminal *fullscreen.Terminal, options Options) *run {
	return &run{
		terminal: terminal, model: newModel(options), grid: fullscreen.NewGrid(0, 0),
		events: make(chan event, 256), settle: newTimer(),
		wanted: make(chan bool, 1), looks: make(chan looked, 1), timer: newTimer(), since: time.Now(),
	}
}

// newTimer is one that does not run yet.
func newTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// look looks each time that it is wanted.
func (r *run) look(ctx context.Context, watch watch) {
	defer watch.close()
	for {
		select {
		case owners := <-r.wanted:
			snapshot, err := watch.look(ctx, owners)
			r.looks <- looked{snapshot, err}
		case <-ctx.Done():
			return
		}
	}
}

// draw shows the model as it is now.
func (r *run) draw() error {
	if width, height := r.terminal.Size(); width != r.grid.Width || height != r.grid.Height {
		r.grid = fullscreen.NewGrid(width, height)
	}
	r.model.draw(r.grid)
	return r.terminal.Show(r.grid)
}
