package pathtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"allroads/internal/control"
	"allroads/pathmanager"
	"allroads/sockdiag"
)

// ask asks allroadsd something over its socket.
func (s *site) ask(p *process, path string, into any) {
	s.Helper()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", p.socket)
		},
	}}
	response, err := client.Get("http://allroadsd/" + control.Version + path)
	must(s, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(s, err)
	if response.StatusCode != http.StatusOK {
		s.Fatalf("GET %s: %s: %s", path, response.Status, text)
	}
	must(s, json.Unmarshal(text, into))
}

// story is what allroadsd tells of a connection.
func (s *site) story(p *process, token pathmanager.Token) string {
	s.Helper()
	var story control.Story
	s.ask(p, "/connections/"+token.String(), &story)
	var text strings.Builder
	for _, e := range story.Entries {
		fmt.Fprintf(&text, "%s %s: %s\n", e.Time.Format("05.000"), e.What, e.Why)
	}
	return text.String()
}

// complains has a test that fails show the stories of some connections that have one
// subflow only.
func (s *site) complains(p *process) {
	if p == nil || p.socket == "" {
		return
	}
	s.Cleanup(func() {
		if !s.Failed() {
			return
		}
		shown := 0
		s.eachConnection(func(c *sockdiag.Connection) {
			if c.Established() == 1 && shown < 4 {
				shown++
				s.Logf("connection %08x from %v: what allroadsd tells:\n%s", c.Info.Token, c.Local, s.story(p, pathmanager.Token(c.Info.Token)))
			}
		})
		s.Logf("connections by subflows: %v; %d seen on the wire, %d asked for", s.subflows(), s.established(), len(s.wire.asked()))
	})
}

// tells has a test that fails show the story of a connection.
func (s *site) tells(p *process, t *talk) {
	token := t.token()
	s.Cleanup(func() {
		if s.Failed() {
			s.Logf("what allroadsd tells:\n%s", s.story(p, token))
		}
	})
}
