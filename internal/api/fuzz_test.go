package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"allroads/internal/control"
)

// FuzzRequest: whatever is asked, by whomever, the answer is JSON with a schema and a
// status that goes with it; and who may not, changes nothing.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{"GET /v1/status HTTP/1.0\r\n\r\n", "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
		"GET /v1/connections/83119fc5?namespace=a%20b HTTP/1.0\r\n\r\n", "GET /v1/events?follow=0 HTTP/1.0\r\n\r\n",
		"OPTIONS * HTTP/1.0\r\n\r\n", "GET http://[::1]/v1/version HTTP/1.0\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"} {
		f.Add([]byte(seed), uint32(0))
		f.Add([]byte(seed), uint32(5))
	}
	f.Fuzz(func(t *testing.T, text []byte, uid uint32) {
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			return
		}
		reloads, s := 0, newSource()
		s.reload = func(context.Context) (control.Reloaded, error) { reloads++; return control.Reloaded{}, nil }
		s.stream.Publish(control.Event{Text: "x"})
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), who{}, &peer{uid: uid, gid: 5}))
		cancel() // so that nobody follows for ever
		h := &handler{source: s, access: access{self: 0, gid: 5}, Options: Options{}.whole(), ctx: t.Context()}
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, request.WithContext(ctx))
		if uid != 0 && reloads > 0 {
			t.Errorf("user %d has reloaded", uid)
		}
		for line := range strings.Lines(recorder.Body.String()) {
			var value struct{ Schema string }
			if err := json.Unmarshal([]byte(line), &value); err != nil || !strings.HasPrefix(value.Schema, "allroads.") ||
				(value.Schema == control.FailureSchema) != (recorder.Code != 200) {
				t.Errorf("%d, %v: %s", recorder.Code, err, line)
			}
		}
	})
}
