package api

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

// Options are those of Serve. What is zero is as said.
type Options struct {
	Version  string        // of allroadsd
	Log      *slog.Logger  // nil: says nothing
	Clients  int           // that may be connected, besides those that may reload: 128
	PerUser  int           // of them, by one user: 32
	Patience time.Duration // for a request to be sent whole: 10 s
}

// Limits of a request.
const (
	mostClients = 128
	mostPerUser = 32
	patience    = 10 * time.Second
	mostHeader  = 8 << 10 // bytes; net/http reads up to 4 KiB more
	mostBody    = 4 << 10
	grace       = time.Second // for answers to be read at the end
)

func (o Options) whole() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clients == 0 {
		o.Clients = mostClients
	}
	if o.PerUser == 0 {
		o.PerUser = mostPerUser
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	return o
}

// who is the key of a request's peer in its context.
type who struct{}

// Serve answers until its context ends, and closes the listener. The error is never that
// of the context.
func Serve(ctx context.Context, l *Listener, source Source, options Options) error {
	options = options.whole()
	if l.note != "" {
		options.Log.Info("control socket", "socket", l.path, "note", l.note)
	}
	may := access{uint32(os.Geteuid()), l.gid}
	h := &handler{source: source, access: may, Options: options, ctx: ctx}
	server := &http.Server{
		Handler: h, ReadTimeout: options.Patience, MaxHeaderBytes: mostHeader,
		ErrorLog:                     slog.NewLogLogger(options.Log.Handler(), slog.LevelWarn),
		DisableGeneralOptionsHandler: true,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, who{}, c.(*client).peer)
		},
	}
	server.SetKeepAlivesEnabled(false)
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		// A new context: the one that ended would leave no time at all.
		end, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		_ = server.Shutdown(end)
		_ = server.Close()
	})
	err := server.Serve(&clients{Listener: l, access: may, most: options.Clients, mostOfOne: options.PerUser, ofOne: map[uint32]int{}})
	if stop() {
		return errors.Join(err, server.Close())
	}
	<-ended
	return nil
}
