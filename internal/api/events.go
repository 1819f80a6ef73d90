package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"allroads/internal/control"
)

// events sends those that are kept, and with follow those to come.
func (h *handler) events(w http.ResponseWriter, r *http.Request, query url.Values) {
	follow := query.Has("follow")
	if value := query.Get("follow"); value != "" {
		var err error
		if follow, err = strconv.ParseBool(value); err != nil {
			fail(w, control.CodeRequest, fmt.Sprintf("follow=%q: neither true nor false", value))
			return
		}
	}
	if follow {
		h.follow(w, r)
		return
	}
	var body []byte
	for _, event := range h.source.Events().kept() {
		body = append(body, encode(event)...)
	}
	send(w, http.StatusOK, linesType, body)
}

// follow writes events until the client or the daemon ends. A client may rest as long as
// it likes, as one behind a pager does: it costs its place and what it has in its socket.
func (h *handler) follow(w http.ResponseWriter, r *http.Request) {
	at, events := h.source.Events().read(), make([]control.Event, 32)
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // It was for the request.
	w.Header().Set("Content-Type", linesType)
	if out.Flush() != nil { // Where nothing has happened yet, the client shall know that it is heard.
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	for {
		n, missed := at.await(ctx, events)
		if n == 0 {
			return
		}
		var body []byte
		if missed > 0 {
			body = encode(tellMissed(missed))
		}
		for _, event := range events[:n] {
			body = append(body, encode(event)...)
		}
		if _, err := w.Write(body); err != nil || out.Flush() != nil {
			return
		}
	}
}

func tellMissed(count uint64) control.Event {
	return control.Event{Schema: control.EventSchema, Time: time.Now(), Kind: control.KindMissed, Missed: &count,
		Text: fmt.Sprintf("%d events came faster than they were read, and are not shown", count),
		Why:  "this client reads too slowly"}
}
