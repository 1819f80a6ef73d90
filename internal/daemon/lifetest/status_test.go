package lifetest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"allroads/internal/control"
)

// ask asks over the socket, and gives the answer with its HTTP status.
func (d *daemon) ask(method, path string) (code int, answer []byte) {
	d.t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", d.path("control"))
	}}
	request, err := http.NewRequestWithContext(d.t.Context(), method, "http://allroadsd/"+control.Version+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, answer
}

// status is what GET /v1/status says.
func (d *daemon) status() *control.Status {
	d.t.Helper()
	code, answer := d.ask("GET", "/status")
	var s control.Status
	if err := json.Unmarshal(answer, &s); code != http.StatusOK || err != nil {
		d.t.Fatalf("GET status: %d: %v: %s", code, err, answer)
	}
	return &s
}

// namespace is the only one of the status.
func (d *daemon) namespace() control.Namespace {
	d.t.Helper()
	s := d.status()
	if len(s.Namespaces) != 1 {
		d.t.Fatalf("%d namespaces in the status, want 1", len(s.Namespaces))
	}
	return s.Namespaces[0]
}

// says checks that an address is in a state, for a reason that contains some words.
func (d *daemon) says(address, state, reason string) func() error {
	return func() error {
		for _, a := range d.namespace().Addresses {
			if bare, _, _ := strings.Cut(a.Address, "/"); bare != address {
				continue
			}
			why := ""
			if a.Reason != nil {
				why = *a.Reason
			}
			if a.State == state && strings.Contains(why, reason) {
				return nil
			}
			return fmt.Errorf("the status of %s is %s (%s), want %s (%s)", address, a.State, why, state, reason)
		}
		return fmt.Errorf("%s is not in the status, want %s (%s)", address, state, reason)
	}
}
