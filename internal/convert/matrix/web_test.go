package matrix

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
)

// web serves HTTP, by MPTCP for those who ask for it, and returns the URL.
func (s *scene) web(t *testing.T, port uint16) string {
	t.Helper()
	at := netip.AddrPortFrom(thereAt[0], port)
	var l listener
	if err := s.there.Run(func() (err error) {
		l.Listener, err = mptcp.Listen(context.Background(), at)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })}
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() { server.Close(); <-served })
	return fmt.Sprintf("http://%v/", at)
}

// listener is one as package net/http wants it.
type listener struct{ *mptcp.Listener }

func (l listener) Accept() (net.Conn, error) { return l.Listener.Accept() }

// curl is the words to run it, unchanged, with none of its files of settings.
func curl(t *testing.T, urls ...string) []string {
	t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		netnstest.Missing(t, "program curl")
	}
	return append([]string{path, "-q", "-s", "-S", "--noproxy", "*", "--max-time", "20"}, urls...)
}
