package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// dryRun prints what a start would change, and changes nothing. What an allroadsd that
// runs has done is taken for what it is: there already.
func dryRun(ctx context.Context, out io.Writer, from files, words []string) error {
	c, _, err := from.load()
	if err != nil {
		return err
	}
	targets, missing := findTargets(wordsOr(words, c))
	var all []error
	for _, name := range missing {
		all = append(all, fmt.Errorf("namespace %s: there is none", name))
	}
	for _, target := range targets {
		lines, err := would(ctx, target, c)
		if err != nil {
			all = append(all, fmt.Errorf("namespace %s: %w", target.name, err))
		}
		for _, line := range lines {
			if _, err := fmt.Fprintln(out, line); err != nil {
				return err
			}
		}
	}
	return errors.Join(all...)
}

// would lists the commands for one namespace.
func would(ctx context.Context, target target, c *config.Config) (lines []string, err error) {
	p, err := openPlace(target.name, target.file)
	if err != nil {
		return nil, err
	}
	defer p.close()
	w := &worker{place: p, config: c, system: &system{settings: p}, log: slog.New(slog.DiscardHandler), max: fewestEndpoints}
	defer func() { w.system.close() }()
	if err := p.do(func() error { return w.system.dialReading(ctx) }); err != nil {
		return nil, err
	}
	w.picture = w.system.network.Picture()
	if w.metered = watchMetered(p, newNews()); w.metered != nil {
		defer w.metered.Close()
	}
	lines, err = w.wouldChange(ctx)
	for i := range lines {
		lines[i] = inNamespace(target, lines[i])
	}
	return lines, err
}

// dialReading opens what takes no rights.
func (s *system) dialReading(ctx context.Context) error {
	observer, err := rtnl.Observe(0)
	if err != nil {
		return err
	}
	s.network = observer
	paths, err := pathmanager.Dial(ctx)
	if err != nil {
		return err
	}
	s.paths = paths
	return nil
}

// wouldChange is refresh without the doing.
func (w *worker) wouldChange(ctx context.Context) (lines []string, err error) {
	a := policy.Assess(w.picture, w.config, meteredOf(w.metered))
	routing := routing{want: policy.DrawRouting(a, w.picture, w.config)}
	w.manager, err = pathManager(w.system.settings)
	if err != nil {
		return nil, err
	}
	wanted := routing.loose(w)
	if mode := w.config.Mode; mode == config.Kernel || mode == config.Userspace {
		key, value := pathManagerSetting(w.system.settings, string(mode))
		wanted = append(wanted, setting{key: key, value: value})
		w.manager = string(mode)
	}
	for _, s := range wanted {
		if found, err := w.system.settings.sysctl(s.key); err == nil && found != s.value {
			lines = append(lines, "sysctl -w "+s.key+"="+s.value)
		}
	}
	for _, change := range policy.ReconcileRouting(routing.want, w.picture) {
		lines = append(lines, change.String())
	}
	if w.chosen() == config.Userspace {
		return lines, nil
	}
	return w.wouldAdd(ctx, a, lines)
}

// wouldAdd is about endpoints and limits.
func (w *worker) wouldAdd(ctx context.Context, a []policy.Assessment, lines []string) ([]string, error) {
	if features, err := w.system.paths.Features(ctx); err == nil && features.MaxLimit > 0 {
		w.max = int(features.MaxLimit)
	}
	if err := w.tables.read(w); err != nil {
		return lines, err
	}
	plan := policy.Draw(a, w.config, &w.ids, w.max, w.tables.foreign)
	for _, change := range policy.Reconcile(plan, w.tables.actual, nil) {
		lines = append(lines, change.String())
	}
	return lines, nil
}

// inNamespace has a command work in a namespace.
func inNamespace(t target, line string) string {
	switch {
	case t.file == "":
		return line
	case strings.HasPrefix(t.name, "pid:"):
		return "nsenter -t " + strings.TrimPrefix(t.name, "pid:") + " -n " + line
	case strings.Contains(t.name, "/"):
		return "nsenter --net=" + t.name + " " + line
	case strings.HasPrefix(line, "ip "):
		return "ip -n " + t.name + strings.TrimPrefix(line, "ip")
	}
	return "ip netns exec " + t.name + " " + line
}
