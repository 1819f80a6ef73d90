package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"allroads/internal/control"
)

// handler answers requests.
type handler struct {
	source Source
	access
	Options
	ctx   context.Context // of the daemon
	turns turns
}

// endpoint is what a path stands for.
type endpoint struct {
	method string
	query  []string // parameters that it may have
	serve  func(w http.ResponseWriter, r *http.Request, query url.Values)
}

const connections = "/" + control.Version + "/connections/"

func (h *handler) at(path string) (endpoint, bool) {
	if token, ok := strings.CutPrefix(path, connections); ok && token != "" && !strings.Contains(token, "/") {
		return endpoint{http.MethodGet, []string{"namespace"}, h.story}, true
	}
	name, ours := strings.CutPrefix(path, "/"+control.Version+"/")
	if !ours {
		return endpoint{}, false
	}
	switch name {
	case "status":
		return endpoint{http.MethodGet, nil, h.status}, true
	case "paths":
		return endpoint{http.MethodGet, nil, h.paths}, true
	case "events":
		return endpoint{http.MethodGet, []string{"follow"}, h.events}, true
	case "version":
		return endpoint{http.MethodGet, nil, h.release}, true
	case "reload":
		return endpoint{http.MethodPost, nil, h.reload}, true
	}
	return endpoint{}, false
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "allroadsd/"+h.Version)
	p, _ := r.Context().Value(who{}).(*peer)
	if p == nil || !h.read(p) {
		fail(w, control.CodeForbidden, "only root and the members of the socket's group may ask: run it as root")
		return
	}
	e, known := h.at(r.URL.Path)
	if !known {
		fail(w, control.CodePath, fmt.Sprintf("%q is not a path of this API: see docs/reference/control-api.md", r.URL.Path))
		return
	}
	if r.Method != e.method {
		w.Header().Set("Allow", e.method)
		fail(w, control.CodeMethod, fmt.Sprintf("%s is asked for with %s", r.URL.Path, e.method))
		return
	}
	if e.method != http.MethodGet && !h.write(p) {
		fail(w, control.CodeForbidden, "only root may do that")
		return
	}
	query, err := parameters(r.URL.RawQuery, e.query)
	if err != nil {
		fail(w, control.CodeRequest, err.Error())
		return
	}
	e.serve(w, r, query)
}

// parameters reads a query strictly: a parameter that is not understood would be missed.
func parameters(raw string, known []string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fmt.Errorf("read query %q: %w", raw, err)
	}
	for name, values := range query {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown parameter %q", name)
		}
		if len(values) > 1 {
			return nil, fmt.Errorf("parameter %q is given %d times", name, len(values))
		}
	}
	return query, nil
}

func (h *handler) status(w http.ResponseWriter, _ *http.Request, _ url.Values) {
	status := h.source.Status()
	status.Schema = control.StatusSchema
	answer(w, status)
}

func (h *handler) paths(w http.ResponseWriter, r *http.Request, _ url.Values) {
	give, had := h.turns.take(r.Context(), r.Context().Value(who{}).(*peer).uid)
	if !had {
		return // The client is gone.
	}
	defer give()
	paths, err := h.source.Paths()
	if err != nil {
		fail(w, control.CodeUnavailable, err.Error())
		return
	}
	paths.Schema = control.PathsSchema
	answer(w, paths)
}

func (h *handler) release(w http.ResponseWriter, _ *http.Request, _ url.Values) {
	answer(w, control.Release{Schema: control.ReleaseSchema, Version: h.Version, API: []string{control.Version}})
}

func (h *handler) story(w http.ResponseWriter, r *http.Request, query url.Values) {
	token := strings.TrimPrefix(r.URL.Path, connections)
	story, err := h.source.Story(query.Get("namespace"), token)
	switch {
	case errors.Is(err, ErrUnknown):
		fail(w, control.CodeUnknown, err.Error())
	case errors.Is(err, ErrBusy):
		fail(w, control.CodeUnavailable, err.Error())
	case errors.Is(err, ErrAmbiguous):
		fail(w, control.CodeAmbiguous, err.Error())
	case err != nil:
		fail(w, control.CodeRequest, err.Error())
	default:
		story.Schema = control.StorySchema
		answer(w, story)
	}
}
