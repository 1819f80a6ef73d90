package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// Client asks the allroadsd behind a socket. It speaks as much of HTTP as that takes, so
// that whoever links it does not link net/http.
type Client struct {
	Socket   string
	Patience time.Duration // for an answer to come whole, 0: 10 s; that to Reload may take six times as long
}

// Answer is what came, and as it came: with fields that a later version has.
type Answer[T any] struct {
	Value T
	JSON  []byte
}

// Status asks what allroadsd does.
func (c *Client) Status(ctx context.Context) (Answer[Status], error) {
	return ask[Status](ctx, c, question{"GET", "/status", StatusSchema})
}

// Paths asks for all connections and their paths.
func (c *Client) Paths(ctx context.Context) (Answer[Paths], error) {
	return ask[Paths](ctx, c, question{"GET", "/paths", PathsSchema})
}

// Release asks which allroadsd it is.
func (c *Client) Release(ctx context.Context) (Answer[Release], error) {
	return ask[Release](ctx, c, question{"GET", "/version", ReleaseSchema})
}

// Story asks about the connection with a token; namespace "" is whichever has it. Where
// none has, or several have, the error is a *Failed of CodeUnknown or CodeAmbiguous.
func (c *Client) Story(ctx context.Context, namespace, token string) (Answer[Story], error) {
	path := "/connections/" + url.PathEscape(token)
	if namespace != "" {
		path += "?namespace=" + url.QueryEscape(namespace)
	}
	return ask[Story](ctx, c, question{"GET", path, StorySchema})
}

// Reload has the configuration read anew. Where it is refused, the error is a *Failed of
// CodeRefused, and nothing has changed.
func (c *Client) Reload(ctx context.Context) (Answer[Reloaded], error) {
	slow := *c
	slow.Patience = 6 * c.patience()
	return ask[Reloaded](ctx, &slow, question{"POST", "/reload", ReloadedSchema})
}

func (c *Client) patience() time.Duration {
	if c.Patience == 0 {
		return 10 * time.Second
	}
	return c.Patience
}

// question is a request, and what its answer has to be.
type question struct{ method, path, schema string }

func ask[T any](ctx context.Context, c *Client, q question) (answer Answer[T], err error) {
	e, err := c.begin(ctx, q)
	if err != nil {
		return answer, err
	}
	defer e.close()
	if answer.JSON, err = e.body(mostBody); err != nil {
		return answer, e.explain(err)
	}
	if err := e.check(answer.JSON); err != nil {
		return answer, err
	}
	if err := json.Unmarshal(answer.JSON, &answer.Value); err != nil {
		return answer, fmt.Errorf("understand the answer of %s on %s: %w", e.head.whose(), c.Socket, err)
	}
	return answer, nil
}
