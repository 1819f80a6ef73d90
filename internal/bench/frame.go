package bench

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Most bytes of a message: a first one, of somebody unknown; and a later one,
// which may be a report on many connections.
const (
	maxFirst   = 16 << 10
	maxMessage = 8 << 20
)

// message is what the ends say to each other: its length in bytes as a 32-bit
// number, the most significant byte first, and JSON.
type message struct {
	Type    string  `json:"type"`
	Params  *Params `json:"params,omitempty"`  // of start
	Session string  `json:"session,omitempty"` // of ready and join
	Index   int     `json:"index,omitempty"`   // of join
	Busy    bool    `json:"busy,omitempty"`    // of refuse: another time
	Reason  string  `json:"reason,omitempty"`  // of refuse, and of a report that nobody asked for
	Report  *Report `json:"report,omitempty"`  // of report
}

// The types of messages, in the order in which they come.
const (
	typeStart  = "start"  // client: I want a test
	typeReady  = "ready"  // server: its connections may come; it knows them by a name
	typeRefuse = "refuse" // server: no
	typeJoin   = "join"   // client, on another connection: it belongs to the test
	typeJoined = "joined" // server: all connections are there
	typeGo     = "go"     // client: begin
	typeDone   = "done"   // either: I have received all that I was to
	typeFinish = "finish" // client: it is over
	typeReport = "report" // server: what I have seen
	typeAlive  = "alive"  // either, now and then
)

func writeMessage(w io.Writer, m *message) error {
	b := make([]byte, 4, 512)
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	b = append(b, text...)
	binary.BigEndian.PutUint32(b, uint32(len(text)))
	_, err = w.Write(b)
	return err
}

// readMessage reads a message of at most limit bytes. Memory is taken as bytes
// come, not as they are announced.
func readMessage(r io.Reader, limit uint32) (*message, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > limit {
		return nil, fmt.Errorf("a message of %d bytes: there may be %d", size, limit)
	}
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, int64(size)); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	m := new(message)
	if err := json.Unmarshal(body.Bytes(), m); err != nil {
		return nil, fmt.Errorf("a message that is not understood: %w", err)
	}
	return m, nil
}
