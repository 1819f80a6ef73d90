package top

import (
	"context"
	"errors"

	"allroads/internal/live"
	"allroads/internal/netns"
	"allroads/pathmanager"
)

// event is one of a namespace.
type event struct {
	space string
	pathmanager.Event
	end error // not nil: nothing more is heard of it
}

// ears hear the events of namespaces, by their names.
type ears map[string]*pathmanager.Listener

// places are the names of the namespaces that events are heard of, with a file of
// each; "" is the own one.
func (o *Options) places() map[string]string {
	switch {
	case o.NoEvents:
		return nil
	case o.NetNS != "":
		return map[string]string{o.NetNS: netns.FileOf(o.NetNS)}
	case !o.Everywhere:
		return map[string]string{"": ""}
	}
	places := map[string]string{}
	found, _ := netns.All()
	for _, f := range found {
		if places[f.Name] = f.File; f.Own {
			places[f.Name] = ""
		}
	}
	return places
}

// cameLater is why nobody listens in a namespace that was not there at the beginning.
const cameLater = "no events (the namespace came later)"

// hear begins to hear events, which go to a channel.
func (r *run) hear(ctx context.Context, options *Options) {
	r.ears, r.model.heard = ears{}, map[string]bool{}
	r.model.deaf = cameLater
	if options.NoEvents {
		r.model.deaf = "no events (--no-events)"
	}
	for name, file := range options.places() {
		listener, err := listen(ctx, file)
		if err != nil {
			r.model.deaf = whyDeaf(err)
			continue
		}
		r.ears[name], r.model.heard[name] = listener, true
		r.terminal.Go(func() { r.follow(ctx, name, listener) })
	}
}

func listen(ctx context.Context, file string) (*pathmanager.Listener, error) {
	if file == "" {
		return pathmanager.Listen(ctx)
	}
	ns, err := netns.Open(file)
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	return pathmanager.Listen(ctx, pathmanager.InNetNS(ns.Fd()))
}

func whyDeaf(err error) string {
	if errors.Is(err, pathmanager.ErrPermission) {
		return "no events (they need CAP_NET_ADMIN)"
	}
	return "no events: " + err.Error()
}

// follow passes on what is heard.
func (r *run) follow(ctx context.Context, space string, source pathmanager.EventSource) {
	pass := func(e event) {
		select {
		case r.events <- e:
		case <-ctx.Done():
		}
	}
	for e, err := range source.Events() {
		if err != nil {
			pass(event{space: space, end: err})
			return
		}
		pass(event{space: space, Event: e})
	}
}

// leave hears no more of namespaces that have disappeared: they are there as long as
// a socket is in them.
func (e ears) leave(lost []live.Space) {
	for _, space := range lost {
		if listener := e[space.Name]; listener != nil {
			listener.Close()
			delete(e, space.Name)
		}
	}
}

func (e ears) close() {
	for name, listener := range e {
		listener.Close()
		delete(e, name)
	}
}
