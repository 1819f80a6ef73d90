package api

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"allroads/internal/control"
)

// reload has the configuration read anew. It goes on when the client is gone: half of it
// would be worse.
func (h *handler) reload(w http.ResponseWriter, r *http.Request, _ url.Values) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		fail(w, control.CodeTooLarge, "this request has no body")
		return
	}
	if err != nil || len(body) > 0 {
		fail(w, control.CodeRequest, "this request has no body")
		return
	}
	p := r.Context().Value(who{}).(*peer)
	h.Log.Info("reload is asked for", "uid", p.uid, "pid", p.pid)
	reloaded, err := h.source.Reload(h.ctx)
	switch {
	case err != nil && h.ctx.Err() != nil:
		fail(w, control.CodeUnavailable, "allroadsd is about to end")
	case err != nil:
		fail(w, control.CodeRefused, err.Error())
	default:
		reloaded.Schema = control.ReloadedSchema
		answer(w, reloaded)
	}
}
