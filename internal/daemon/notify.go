package daemon

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// What the service manager is told (sd_notify(3)).
const (
	readyNow  = daemon.SdNotifyReady
	reloading = daemon.SdNotifyReloading
	stopping  = daemon.SdNotifyStopping
)

// notify tells the service manager, if there is one. Nothing depends on it.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }

// newWatchdog returns what ticks when the service manager wants to hear that we live;
// nil, which never does, where it does not.
func newWatchdog() (ticks <-chan time.Time, stop func()) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil || interval <= 0 {
		return nil, func() {}
	}
	ticker := time.NewTicker(interval / 2)
	return ticker.C, ticker.Stop
}

// answerTime is how long a worker may be busy before it does not count as alive.
const answerTime = 5 * time.Second

// bark tells the service manager that we live, if every worker answers.
func (s *server) bark(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for _, w := range s.all() {
		if !w.ask(ctx, func() {}) && ctx.Err() != nil {
			s.log.Error("a worker does not answer", "namespace", w.worker.place.name, "did", "leave the watchdog unanswered")
			return
		}
	}
	notify(daemon.SdNotifyWatchdog)
}

func onHangup() (<-chan os.Signal, func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	return hangups, func() { signal.Stop(hangups) }
}
