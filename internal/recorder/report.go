package recorder

import (
	"context"
	"fmt"
	"time"

	"allroads/internal/capture"
	"allroads/trace"
)

const (
	poll = 2 * time.Millisecond

	// closeWait is how long the last packets may take once both ends of a
	// connection have closed.
	closeWait = 2 * time.Second

	// catchUp is how long it may take to read packets that are captured already.
	// The kernel hands them over within 16 milliseconds.
	catchUp = 2 * time.Second
)

// AwaitClose waits until all subflows are seen to close, or 2 seconds have
// passed, or no packet has come for as long as quiet says; 0 says nothing. What
// is still open then is for the verdict to name.
func (r *Recorder) AwaitClose(ctx context.Context, quiet time.Duration) {
	var read uint64
	last := time.Now()
	await(ctx, closeWait, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.read != read {
			read, last = r.read, time.Now()
		}
		return r.analyzer.Open() == 0 || quiet > 0 && time.Since(last) > quiet
	})
}

// Report says what the packets amount to that were captured until now. It waits
// a moment for those that are captured but not read yet.
func (r *Recorder) Report(ctx context.Context) (*trace.Report, error) {
	report, err := r.soFar(ctx)
	if err != nil {
		return nil, fmt.Errorf("record packets: %w", err)
	}
	return report, nil
}

func (r *Recorder) soFar(ctx context.Context) (*trace.Report, error) {
	stats, err := r.ring.Stats()
	if err != nil {
		return nil, err
	}
	captured := stats.Packets - stats.Drops
	await(ctx, catchUp, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.read >= captured || r.err != nil
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return nil, r.err
	}
	if r.read < captured {
		return nil, fmt.Errorf("%d of %d packets could not be read in time", captured-r.read, captured)
	}
	r.analyzer.SetDropped(stats.Drops)
	return r.analyzer.Report(), nil
}

// await looks again and again until it is so, ctx ends or time is up.
func await(ctx context.Context, within time.Duration, so func() bool) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Finish ends the capture and says what its packets amount to, all of them up to
// now. The error is the first that there was, of the capture or the file.
func (r *Recorder) Finish() (*trace.Report, error) {
	r.ring.Stop()
	<-r.done
	stats, err := r.ring.Stats()
	if err != nil {
		r.fail(err)
	}
	if r.writer != nil {
		if err := r.writer.Close([]capture.Stats{stats}); err != nil {
			r.fail(fmt.Errorf("write packets: %w", err))
		}
	}
	r.ring.Close()
	r.analyzer.SetDropped(stats.Drops)
	return r.analyzer.Report(), r.err
}
