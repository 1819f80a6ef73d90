package daemon

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"allroads/internal/api"
	"allroads/internal/config"
	"allroads/internal/rtnl"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// stage is a worker with a kernel that does what a test says.
type stage struct {
	*worker
	fake     *pathmanagertest.Fake
	listener *pathmanagertest.Listener
	network  *fakeNetwork
	routes   *fakeRoutes
	sockets  *fakeSockets
	settings *fakeSettings
	log      *bytes.Buffer
	stop     context.CancelFunc
}

// newStage makes one with the addresses 192.0.2.1 and 198.51.100.1, which have default
// routes. It does not run yet.
func newStage(t *testing.T, c *config.Config) *stage {
	t.Helper()
	s := &stage{
		fake: &pathmanagertest.Fake{}, listener: &pathmanagertest.Listener{}, network: newFakeNetwork(),
		routes: &fakeRoutes{}, sockets: &fakeSockets{}, log: &bytes.Buffer{},
		settings: &fakeSettings{values: map[string]string{pathManagerKey: "kernel"}},
	}
	book, err := openBook(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &place{name: "stage", inode: 4711, cookie: 1}
	s.worker = &worker{
		place: p, book: book, config: c, stream: api.NewStream(100), max: 8,
		log:       slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		questions: make(chan func()), ready: make(chan struct{}), over: make(chan struct{}),
		news: newNews(), tries: tries{}, picture: s.network.Picture(),
		record: record{Inode: p.inode, Cookie: p.cookie},
		system: &system{paths: s.fake, events: s.listener, network: s.network, routes: s.routes, sockets: s.sockets, settings: s.settings},
	}
	return s
}

// play runs the worker until the test ends it.
func (s *stage) play(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s.stop = func() { stop(); s.listener.Close(); <-s.over }
	go s.news.observe(ctx, s.network)
	go s.listen(ctx)
	go s.run(ctx)
	<-s.ready
}

// endpoints are those that the kernel has.
func (s *stage) endpoints(t *testing.T) (addrs []string) {
	t.Helper()
	endpoints, err := s.fake.Endpoints(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range endpoints {
		addrs = append(addrs, e.Addr.String())
	}
	slices.Sort(addrs)
	return addrs
}

// both are the addresses that a stage begins with.
var both = []string{"192.0.2.1", "198.51.100.1"}

// fakeNetwork is a network that a test draws.
type fakeNetwork struct {
	mutex   sync.Mutex
	picture *rtnl.Picture
	lost    bool
	changed chan struct{}
}

func newFakeNetwork() *fakeNetwork {
	n := &fakeNetwork{changed: make(chan struct{}, 1), picture: &rtnl.Picture{Links: map[int]rtnl.Link{}}}
	n.add(2, "wlan0", "192.0.2.1/24")
	n.add(3, "wwan0", "198.51.100.1/24")
	return n
}

// add puts an interface with an address and a default route into the picture.
func (n *fakeNetwork) add(index int, name, prefix string) {
	p := n.picture
	p.Links[index] = rtnl.Link{Index: index, Name: name, Hardware: unix.ARPHRD_ETHER, Up: true, Running: true, MTU: 1500}
	own := netip.MustParsePrefix(prefix)
	p.Addresses = append(p.Addresses, rtnl.Address{Link: index, Prefix: own, Scope: unix.RT_SCOPE_UNIVERSE, Preferred: -1, Valid: -1})
	p.Defaults = append(p.Defaults, rtnl.Hop{To: netip.MustParsePrefix("0.0.0.0/0"), Via: own.Addr().Next(), Link: index, Table: unix.RT_TABLE_MAIN})
}

// change draws another picture.
func (n *fakeNetwork) change(lost bool, draw func(*rtnl.Picture)) {
	n.mutex.Lock()
	draw(n.picture)
	n.lost = n.lost || lost
	n.mutex.Unlock()
	wake(n.changed)
}

func (n *fakeNetwork) Picture() *rtnl.Picture {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	p := *n.picture
	p.Addresses, p.Defaults = slices.Clone(p.Addresses), slices.Clone(p.Defaults)
	return &p
}

func (n *fakeNetwork) Next(ctx context.Context) (bool, error) {
	select {
	case <-n.changed:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	lost := n.lost
	n.lost = false
	return lost, nil
}

func (n *fakeNetwork) Close() error { return nil }

// fakeRoutes knows a route to everywhere, unless told otherwise.
type fakeRoutes struct {
	mutex   sync.Mutex
	none    bool
	lookups int
	rules   []rtnl.Rule
	routes  []rtnl.Route
}

func (r *fakeRoutes) Lookup(to, _ netip.Addr, link int) (rtnl.Hop, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.lookups++; r.none {
		return rtnl.Hop{}, unix.ENETUNREACH
	}
	return rtnl.Hop{Link: link}, nil
}

func (r *fakeRoutes) count() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.lookups
}

func (r *fakeRoutes) AddRoute(route rtnl.Route) error { r.routes = append(r.routes, route); return nil }
func (r *fakeRoutes) AddRule(rule rtnl.Rule) error    { r.rules = append(r.rules, rule); return nil }
func (r *fakeRoutes) DeleteRoute(rtnl.Route) error    { return unix.ESRCH }
func (r *fakeRoutes) DeleteRule(rtnl.Rule) error      { return unix.ENOENT }
func (r *fakeRoutes) Close() error                    { return nil }

// fakeSockets lists connections.
type fakeSockets struct {
	mutex sync.Mutex
	list  []*sockdiag.Connection
	err   error
	asked int
}

func (s *fakeSockets) Connections(_ context.Context, filter sockdiag.Filter) iter.Seq2[*sockdiag.Connection, error] {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked++
	list, err := slices.Clone(s.list), s.err
	return func(yield func(*sockdiag.Connection, error) bool) {
		if err != nil {
			yield(nil, err)
			return
		}
		for _, c := range list {
			if (filter.Token == nil || *filter.Token == c.Info.Token) && !yield(c, nil) {
				return
			}
		}
	}
}

func (s *fakeSockets) Close() error { return nil }

// socket is a connection with its initial subflow.
func socket(token uint32, local, remote string) *sockdiag.Connection {
	c := &sockdiag.Connection{
		State: mptcp.StateEstablished, Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote), Info: mptcp.Info{Token: token},
	}
	c.Subflows = []sockdiag.Subflow{{State: mptcp.StateEstablished, Local: c.Local, Remote: c.Remote}}
	return c
}

type fakeSettings struct {
	mutex  sync.Mutex
	values map[string]string
	err    error // of the next setSysctl
}

func (s *fakeSettings) sysctl(key string) (string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	value, there := s.values[key]
	if !there {
		return "", &fs.PathError{Op: "open", Path: key, Err: unix.ENOENT}
	}
	return value, nil
}

func (s *fakeSettings) setSysctl(key, value string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := s.err; err != nil {
		s.err = nil
		return err
	}
	s.values[key] = value
	return nil
}

// fakeListen hands out listeners that count as closed once they were.
type fakeListener struct{ closed *bool }

func (l fakeListener) Close() error { *l.closed = true; return nil }

func fakeListen(closed *bool) func(netip.AddrPort) (io.Closer, error) {
	return func(netip.AddrPort) (io.Closer, error) { return fakeListener{closed}, nil }
}

// established is the event of a connection that subflows can be made for.
func established(token pathmanager.Token, local, remote string) pathmanager.Event {
	from, to := netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote)
	return pathmanager.Event{
		Type: pathmanager.Established, Time: time.Now(), Token: token, NetNSID: -1, Family: new(uint16(unix.AF_INET)), LocalID: new(uint8(0)), RemoteID: new(uint8(0)),
		Source: from.Addr(), SourcePort: new(from.Port()), Destination: to.Addr(), DestinationPort: new(to.Port()),
	}
}

var errTest = errors.New("so says the test")
