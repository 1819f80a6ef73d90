package convert

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"allroads/internal/notify"
	"allroads/internal/tally"
	"allroads/internal/watch"
)

// Become replaces this process by the program, which so has its number, as services
// want it. The report, if a file is named, is written when the last of its processes has
// ended. It returns only with an error.
func (p *Plan) Become(report string) error {
	path, args := p.Options.Path, p.Options.Args
	switch p.Taken() {
	case Notify:
		if report != "" {
			var err error
			if report, err = filepath.Abs(report); err != nil {
				return fmt.Errorf("write report: %w", err)
			}
		}
		return notify.Exec(path, args, os.Environ(), notify.Options{
			Require: p.Options.Require, Choose: p.Options.Rules, Standby: true,
		}, report)
	case Godebug:
		return become(path, args, withGodebug(os.Environ()))
	}
	return become(path, args, os.Environ())
}

func become(path string, args, env []string) error {
	return fmt.Errorf("start %s: %w", path, syscall.Exec(path, args, env))
}

// SupervisorCommand is the name under which this program starts itself again, for Notify.
const SupervisorCommand = notify.Command

// Supervise is what it does then.
func Supervise(words []string) error { return notify.Supervise(words, write) }

// write is the report of a program that we have become.
func write(path string, counts *tally.Tally, w *watch.Watcher) error {
	sockets := counts.Sockets()
	report := Report{Schema: Schema, Strategy: Notify, Sockets: &sockets}
	if w != nil {
		report.Connections = w.Report()
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o666); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
