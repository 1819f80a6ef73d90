package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"allroads/internal/control"
)

// ask asks as somebody does who has net/http.
func (s *served) ask(t testing.TB, method, path, body string) (*http.Response, []byte) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.path)
	}}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://allroadsd"+path, strings.NewReader(body))
	must(t, err)
	answer, err := (&http.Client{Transport: transport}).Do(request)
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer, text
}

func TestAnswers(t *testing.T) {
	s := serve(t, "", Options{})
	s.stream.Publish(control.Event{Kind: "reload", Text: "one"})
	s.stream.Publish(control.Event{Kind: "reload", Text: "two"})
	for _, c := range []struct{ method, path, schema, has string }{
		{"GET", "/v1/status", control.StatusSchema, `"for <a default route> & more"`},
		{"GET", "/v1/status", control.StatusSchema, `"conflicts":[]`}, // a list is one, also of nothing
		{"GET", "/v1/paths", control.PathsSchema, `"paths":[]`},
		{"GET", "/v1/connections/83119fc5", control.StorySchema, `"entries":[]`},
		{"GET", "/v1/connections/83119fc5?namespace=a+b", control.StorySchema, `"namespace":"a b"`},
		{"GET", "/v1/version", control.ReleaseSchema, `"version":"v9","api":["v1"]`},
		{"GET", "/v1/events", control.EventSchema, `"two"`},
		{"GET", "/v1/events?follow=false", control.EventSchema, `"one"`},
		{"POST", "/v1/reload", control.ReloadedSchema, `"files":[],"changes":["mode`},
	} {
		answer, text := s.ask(t, c.method, c.path, "")
		if answer.StatusCode != 200 || !strings.HasPrefix(string(text), `{"schema":"`+c.schema+`"`) || !strings.Contains(string(text), c.has) {
			t.Errorf("%s %s: %s: %s, without %s", c.method, c.path, answer.Status, text, c.has)
		}
		if answer.Header.Get("Server") != "allroadsd/v9" || answer.ContentLength != int64(len(text)) {
			t.Errorf("%s: %v", c.path, answer.Header)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := serve(t, "", Options{})
	s.reload = func(context.Context) (control.Reloaded, error) {
		return control.Reloaded{}, errors.New("/etc/allroads/allroads.yaml:3:5: unknown key")
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		code               control.Code
		has                string
	}{
		{"GET", "/", "", 404, control.CodePath, "not a path"},
		{"GET", "/status", "", 404, control.CodePath, "not a path"},
		{"GET", "/v2/status", "", 404, control.CodePath, "/v2/status"},
		{"GET", "/v1/status/", "", 404, control.CodePath, ""},
		{"GET", "/v1/../v1/status", "", 404, control.CodePath, ""},
		{"GET", "/v1/connections/", "", 404, control.CodePath, ""},
		{"GET", "/v1/connections/1/2", "", 404, control.CodePath, ""},
		{"GET", "/v1/connections/1", "", 404, control.CodeUnknown, "token 1"},
		{"GET", "/v1/connections/00000002", "", 409, control.CodeAmbiguous, "several"},
		{"GET", "/v1/connections/odd", "", 400, control.CodeRequest, "not a token"},
		{"GET", "/v1/status?verbose=1", "", 400, control.CodeRequest, `unknown parameter "verbose"`},
		{"GET", "/v1/events?follow=yes", "", 400, control.CodeRequest, `neither`},
		{"GET", "/v1/events?follow&follow", "", 400, control.CodeRequest, `2 times`},
		{"GET", "/v1/events?%zz", "", 400, control.CodeRequest, `read query`},
		{"POST", "/v1/status", "", 405, control.CodeMethod, "GET"},
		{"GET", "/v1/reload", "", 405, control.CodeMethod, "POST"},
		{"OPTIONS", "/v1/reload", "", 405, control.CodeMethod, "POST"},
		{"POST", "/v1/reload", "{}", 400, control.CodeRequest, "no body"},
		{"POST", "/v1/reload", strings.Repeat("x", 64<<10), 413, control.CodeTooLarge, "no body"},
		{"POST", "/v1/reload", "", 422, control.CodeRefused, "allroads.yaml:3:5: unknown key"},
	} {
		answer, text := s.ask(t, c.method, c.path, c.body)
		var f control.Failure
		if err := json.Unmarshal(text, &f); err != nil || answer.StatusCode != c.status || f.Schema != control.FailureSchema ||
			f.Code != c.code || !strings.Contains(f.Error, c.has) {
			t.Errorf("%s %s: %s, %v: %s", c.method, c.path, answer.Status, err, text)
		}
		if c.status == 405 && answer.Header.Get("Allow") != c.has {
			t.Errorf("%s %s: Allow is %q", c.method, c.path, answer.Header.Get("Allow"))
		}
	}
	s.busy.Store(true)
	for _, path := range []string{"/v1/paths", "/v1/connections/83119fc5"} {
		if answer, text := s.ask(t, "GET", path, ""); answer.StatusCode != 503 || !strings.Contains(string(text), "busy") {
			t.Errorf("%s of a busy worker: %s: %s", path, answer.Status, text)
		}
	}
	if answer, _ := s.ask(t, "GET", "/v1/status?"+strings.Repeat("x", 13<<10), ""); answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a head of 13 KiB: %s", answer.Status)
	}
}

// TestWhole: what the source gave stays as it is.
func TestWhole(t *testing.T) {
	given := control.Status{Namespaces: make([]control.Namespace, 1)}
	if text := encode(whole(given)); bytes.Contains(text, []byte(`"addresses":null`)) || given.Namespaces[0].Addresses != nil {
		t.Errorf("%s, %v", text, given)
	}
}
