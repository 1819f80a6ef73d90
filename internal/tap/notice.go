package tap

// Notice says what has become of an interface.
type Notice struct {
	Interface string
	State     State
}

func (n Notice) String() string { return n.Interface + " " + string(n.State) }

// State is how an interface is now, in words behind its name.
type State string

// The states that are told.
const (
	Down    State = "is down"                                // or has no carrier
	Up      State = "is up again"                            // it was down
	Gone    State = "is gone"                                // removed, or moved to another namespace
	Come    State = "has come"                               // while all are captured
	LeftOut State = "is left out: it has no Ethernet frames" // while all are captured
)
