package cli

import (
	"fmt"
	"os"
	"time"
)

// progress is for people only: a line on the terminal of standard error that is
// written over, while a file is read.
type progress struct {
	quit, done chan struct{}
}

const progressEvery = 250 * time.Millisecond

func newProgress(position func() (read, total int64)) *progress {
	p := &progress{make(chan struct{}), make(chan struct{})}
	screen := newScreen(os.Stderr)
	go func() {
		defer close(p.done)
		if !screen.terminal() {
			return
		}
		p.run(screen, position)
	}()
	return p
}

func (p *progress) run(screen *screen, position func() (read, total int64)) {
	started := time.Now()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	shown := false
	for {
		select {
		case <-p.quit:
			if shown {
				screen.printf("\r\x1b[K")
			}
			return
		case <-ticker.C:
			shown = true
			read, total := position()
			screen.printf("\r\x1b[K%s", progressText(read, total, time.Since(started)))
		}
	}
}

// progressText says how far reading is, how fast, and how long it will take.
func progressText(read, total int64, since time.Duration) string {
	rate := float64(read) / since.Seconds()
	text := fmt.Sprintf("reading: %.0f MB, %.0f MB/s", float64(read)/1e6, rate/1e6)
	if total <= 0 || rate == 0 {
		return text
	}
	left := time.Duration(float64(max(total-read, 0)) / rate * float64(time.Second))
	return fmt.Sprintf("%s, %.0f %%, %v left", text, 100*float64(read)/float64(total), left.Round(time.Second))
}

func (p *progress) end() {
	close(p.quit)
	<-p.done
}
