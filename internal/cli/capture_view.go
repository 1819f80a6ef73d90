package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"allroads/internal/tap"
)

// captureView tells on standard error what a capture does.
type captureView struct {
	verbose bool

	mu     sync.Mutex
	screen *screen
}

// line says something in a line of its own.
func (v *captureView) line(format string, args ...any) { v.say(format, "\n", args...) }

// say puts text where the last status was, if there was one.
func (v *captureView) say(format, end string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.screen.terminal() {
		format = "\r" + format + eraseRest
	}
	v.screen.printf(format+end, args...)
}

func (v *captureView) notice(n tap.Notice) { v.line("allroads: %v", n) }

// begin says what is captured, and then how far it is, until stop is called.
func (v *captureView) begin(interfaces []string, recorder *tap.Recorder) (stop func()) {
	if v.screen.terminal() {
		v.line("capturing on %s, Ctrl-C ends", strings.Join(interfaces, ", "))
	}
	if !v.verbose {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		v.follow(recorder, quit)
	}()
	return func() {
		close(quit)
		<-done
	}
}

func (v *captureView) follow(recorder *tap.Recorder, quit chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, at := recorder.Progress(), time.Now()
	for {
		select {
		case <-quit:
			return
		case now := <-tick.C:
			p := recorder.Progress()
			v.progress(p, float64(p.Packets-last.Packets)/now.Sub(at).Seconds())
			last, at = p, now
		}
	}
}

func (v *captureView) progress(p tap.Progress, rate float64) {
	line := fmt.Sprintf("%d packets, %.0f/s, %s, %d dropped", p.Packets, rate, bytesText(p.Bytes), p.Drops)
	if p.Files > 1 {
		line += fmt.Sprintf(", file %d", p.Files)
	}
	if v.screen.terminal() {
		v.say("%s", "", line)
	} else {
		v.line("%s", line)
	}
}

func (v *captureView) end(p tap.Progress) {
	line := fmt.Sprintf("%d packets captured, %d dropped by the kernel", p.Packets, p.Drops)
	if p.Files > 1 {
		line += fmt.Sprintf(", %d files", p.Files)
	}
	v.line("%s", line)
}
