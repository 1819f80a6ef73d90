// Package control is how allroadsd is asked: what it answers, and a small client for its
// Unix socket. Every value is documented in docs/reference/control-api.md.
package control

import "time"

// Version is that of the API: the first part of each path.
const Version = "v1"

// DefaultSocket is where allroadsd listens.
const DefaultSocket = "/run/allroads/daemon/control.sock"

// Group is whose members may read, where the configuration names no other.
const Group = "allroads"

// Schemas of the answers, each the first field of its own.
const (
	StatusSchema   = "allroads.status/1"
	PathsSchema    = "allroads.paths/1"
	StorySchema    = "allroads.story/1"
	EventSchema    = "allroads.event/1"
	ReloadedSchema = "allroads.reload/1"
	ReleaseSchema  = "allroads.version/1"
	FailureSchema  = "allroads.error/1"
)

// Status is what allroadsd does: GET /v1/status.
type Status struct {
	Schema     string      `json:"schema"` // allroads.status/1
	Version    string      `json:"version"`
	PID        int         `json:"pid"`
	Started    time.Time   `json:"started"`
	Config     ConfigState `json:"config"`
	Namespaces []Namespace `json:"namespaces"`
}

// ConfigState is which configuration holds.
type ConfigState struct {
	Files  []string   `json:"files"` // none: the defaults
	Loaded time.Time  `json:"loaded"`
	Error  *string    `json:"error"` // why a later one was refused
	Failed *time.Time `json:"failed"`
}

// Namespace is a network namespace with a worker of its own.
type Namespace struct {
	Name        string     `json:"name"`         // host, or as the configuration has it
	Mode        string     `json:"mode"`         // kernel, userspace
	PathManager *string    `json:"path_manager"` // the sysctl, null: not known
	Error       *string    `json:"error"`        // why it is not managed now
	Addresses   []Address  `json:"addresses"`
	Foreign     []Endpoint `json:"foreign_endpoints"` // of others; never touched
	Limits      *Limits    `json:"limits"`
	Routing     []Routing  `json:"routing"`
	Connections Counts     `json:"connections"`
	Pending     []Pending  `json:"pending"`   // what is to be tried again, and when
	Conflicts   []string   `json:"conflicts"` // others who manage paths, too
	Losses      Losses     `json:"losses"`
}

// Address is a local address, and what it is used for.
type Address struct {
	Address    string    `json:"address"` // with the length of its prefix
	Interface  string    `json:"interface"`
	Type       string    `json:"type"`
	Role       string    `json:"role"`
	Rule       string    `json:"rule"`
	State      string    `json:"state"`  // ready, waiting, left, dropped
	Reason     *string   `json:"reason"` // "waiting for a default route"
	EndpointID *uint8    `json:"endpoint_id"`
	Flags      []string  `json:"flags"`
	Since      time.Time `json:"since"` // when its state began
}

// Endpoint is one of the kernel's table.
type Endpoint struct {
	Address string   `json:"address"`
	ID      uint8    `json:"id"`
	Port    *uint16  `json:"port"`
	Flags   []string `json:"flags"`
}

// Limits are the kernel's.
type Limits struct {
	Subflows        uint32 `json:"subflows"`
	AddAddrAccepted uint32 `json:"add_addr_accepted"`
	Before          *struct {
		Subflows        uint32 `json:"subflows"`
		AddAddrAccepted uint32 `json:"add_addr_accepted"`
	} `json:"before"` // those that were found
}

// Routing is a route, a rule or a setting of allroadsd, in the words of ip(8) and sysctl(8).
type Routing struct {
	What string `json:"what"` // "rule add from 192.0.2.2 lookup 20002"
	Why  string `json:"why"`
}

// Counts of connections.
type Counts struct {
	Live     uint64 `json:"live"`     // MPTCP connections that are known
	Managed  uint64 `json:"managed"`  // whose subflows are decided about here
	Seen     uint64 `json:"seen"`     // since the start
	Subflows uint64 `json:"subflows"` // made or asked for since the start
	Lost     uint64 `json:"lost"`     // subflows that were lost
	Retried  uint64 `json:"retried"`  // and tried again
}

// Pending is something that waits.
type Pending struct {
	What  string     `json:"what"`  // "192.168.0.2 on wlan0"
	For   string     `json:"for"`   // "a route to 203.0.113.7"
	Token *string    `json:"token"` // of the connection, null: all
	Next  *time.Time `json:"next"`  // when it is tried again, null: when something changes
	Tries int        `json:"tries"`
}

// Losses are messages of the kernel that were not read in time, and what was done about it.
type Losses struct {
	Events  uint64     `json:"events"`  // times that path manager events were lost
	Network uint64     `json:"network"` // times that rtnetlink messages were lost
	Resyncs uint64     `json:"resyncs"`
	Last    *time.Time `json:"last"`
}

// Paths are the connections with their subflows: GET /v1/paths.
type Paths struct {
	Schema      string       `json:"schema"` // allroads.paths/1
	Connections []Connection `json:"connections"`
}

// Connection is one that is decided about.
type Connection struct {
	Namespace string    `json:"namespace"`
	Token     string    `json:"token"`
	Side      string    `json:"side"` // client, server, "" not known
	Local     string    `json:"local"`
	Remote    string    `json:"remote"`
	Manager   string    `json:"manager"` // userspace, kernel
	Strategy  string    `json:"strategy"`
	Rule      string    `json:"rule"`
	Since     time.Time `json:"since"` // when it was first heard of
	Paths     []Path    `json:"paths"`
}

// Path is a subflow, or one that is to be.
type Path struct {
	Local     string     `json:"local"`
	Interface string     `json:"interface"`
	Remote    string     `json:"remote"`
	LocalID   uint8      `json:"local_id"`
	RemoteID  uint8      `json:"remote_id"`
	State     string     `json:"state"` // established, joining, waiting, standby, given-up
	Backup    bool       `json:"backup"`
	Reason    *string    `json:"reason"`
	Next      *time.Time `json:"next"`
	Tries     int        `json:"tries"`
}

// Story is all that was decided about a connection: GET /v1/connections/TOKEN.
type Story struct {
	Schema     string     `json:"schema"` // allroads.story/1
	Connection Connection `json:"connection"`
	Closed     *time.Time `json:"closed"`
	Entries    []Entry    `json:"entries"`
	Forgotten  int        `json:"forgotten"` // entries that there was no room for
}

// Entry is one thing that happened or was decided.
type Entry struct {
	Time time.Time `json:"time"`
	What string    `json:"what"`
	Why  string    `json:"why"` // "" where What is the cause
}

// Event is a line of GET /v1/events.
type Event struct {
	Schema    string    `json:"schema"` // allroads.event/1
	Time      time.Time `json:"time"`
	Namespace string    `json:"namespace"`
	Kind      string    `json:"kind"` // address, endpoint, limits, route, rule, connection, subflow, loss, resync, reload, conflict, error, missed
	Token     *string   `json:"token"`
	Text      string    `json:"text"`
	Why       string    `json:"why"`
	Missed    *uint64   `json:"missed"` // of kind missed: how many events this client lost
}

// KindMissed is the kind of an event that stands for others.
const KindMissed = "missed"

// Reloaded is the answer to POST /v1/reload.
type Reloaded struct {
	Schema  string   `json:"schema"` // allroads.reload/1
	Files   []string `json:"files"`
	Changes []string `json:"changes"` // what is different now
}

// Release is which allroadsd answers: GET /v1/version.
type Release struct {
	Schema  string   `json:"schema"` // allroads.version/1
	Version string   `json:"version"`
	API     []string `json:"api"` // versions that are served
}

// Code is what went wrong, for programs.
type Code string

// The codes.
const (
	CodeRequest     Code = "bad-request"        // 400
	CodeForbidden   Code = "forbidden"          // 403
	CodePath        Code = "unknown-path"       // 404
	CodeUnknown     Code = "unknown-connection" // 404
	CodeMethod      Code = "method"             // 405
	CodeAmbiguous   Code = "ambiguous"          // 409: say which namespace
	CodeTooLarge    Code = "too-large"          // 413
	CodeRefused     Code = "refused"            // 422: the configuration; nothing has changed
	CodeUnavailable Code = "unavailable"        // 503: too many clients, or about to end
)

// Failure is the answer to what went wrong, with its HTTP status.
type Failure struct {
	Schema string `json:"schema"` // allroads.error/1
	Code   Code   `json:"code"`
	Error  string `json:"error"`
}
