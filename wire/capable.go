package wire

import "encoding/binary"

// MPCapable is MP_CAPABLE, which opens a connection (RFC 8684 section 3.1, RFC 6824 section 3.1). Its length
// tells what it carries:
//
//	 4  the SYN of v1: no key
//	12  the SYN/ACK of v1, the SYN and the SYN/ACK of v0: the sender's key
//	20  the third ACK: both keys
//	22  v1, first data: both keys and the data-level length
//	24  the same with a checksum
//
// The first data is mapped to the data sequence number IDSN+1 and the relative subflow sequence number 1.
// A version above 1 is read as v1, since a peer may offer one that this package does not know.
type MPCapable struct {
	Version        Version      `json:"version"`
	Flags          CapableFlags `json:"flags"`
	HasSenderKey   bool         `json:"has_sender_key,omitempty"`
	HasReceiverKey bool         `json:"has_receiver_key,omitempty"`
	SenderKey      Key          `json:"sender_key,omitempty"`
	ReceiverKey    Key          `json:"receiver_key,omitempty"`
	HasData        bool         `json:"has_data,omitempty"`
	DataLength     uint16       `json:"data_length,omitempty"` // bytes
	HasChecksum    bool         `json:"has_checksum,omitempty"`
	Checksum       uint16       `json:"checksum,omitempty"` // see the function Checksum
}

// The five lengths of MP_CAPABLE.
const (
	capableBare     = 4
	capableKey      = 12
	capableKeys     = 20
	capableData     = 22
	capableChecksum = 24
)

// ParseMPCapable reads the whole option b into m. The error is ErrKind, ErrSubtype or ErrLength.
func ParseMPCapable(b []byte, m *MPCapable) error {
	*m = MPCapable{}
	if err := check(b, SubtypeMPCapable); err != nil {
		return err
	}
	v := Version(b[2] & 15)
	if !v.capableLength(len(b)) {
		return lengthError(SubtypeMPCapable)
	}
	m.Version, m.Flags = v, CapableFlags(b[3])
	if len(b) >= capableKey {
		m.HasSenderKey, m.SenderKey = true, Key(binary.BigEndian.Uint64(b[4:]))
	}
	if len(b) >= capableKeys {
		m.HasReceiverKey, m.ReceiverKey = true, Key(binary.BigEndian.Uint64(b[12:]))
	}
	if len(b) >= capableData {
		m.HasData, m.DataLength = true, binary.BigEndian.Uint16(b[20:])
	}
	if len(b) == capableChecksum {
		m.HasChecksum, m.Checksum = true, binary.BigEndian.Uint16(b[22:])
	}
	return nil
}

func (v Version) capableLength(n int) bool {
	switch n {
	case capableKey, capableKeys:
		return true
	case capableBare, capableData, capableChecksum:
		return v != V0
	}
	return false
}

// AppendMPCapable appends the option m describes. Each part needs the one before it, v0 needs the sender's key
// and has no data parts, and a version has four bits: anything else appends nothing.
func AppendMPCapable(b []byte, m *MPCapable) []byte {
	n := m.length()
	if n == 0 {
		return b
	}
	b = appendHead(b, n, SubtypeMPCapable, uint8(m.Version))
	b = append(b, byte(m.Flags))
	if n >= capableKey {
		b = binary.BigEndian.AppendUint64(b, uint64(m.SenderKey))
	}
	if n >= capableKeys {
		b = binary.BigEndian.AppendUint64(b, uint64(m.ReceiverKey))
	}
	if n >= capableData {
		b = binary.BigEndian.AppendUint16(b, m.DataLength)
	}
	if n == capableChecksum {
		b = binary.BigEndian.AppendUint16(b, m.Checksum)
	}
	return b
}

// length is that of the option on the wire, 0 when there is no such option.
func (m *MPCapable) length() int {
	parts := [...]bool{m.HasSenderKey, m.HasReceiverKey, m.HasData, m.HasChecksum}
	lengths := [...]int{capableBare, capableKey, capableKeys, capableData, capableChecksum}
	present := 0
	for i, has := range parts {
		if has && present < i {
			return 0 // a part before this one is missing
		}
		if has {
			present++
		}
	}
	if n := lengths[present]; m.Version <= 15 && m.Version.capableLength(n) {
		return n
	}
	return 0
}

// String is the option as [Option.String] shows it.
func (m *MPCapable) String() string { return string(m.appendText(nil)) }

func (m *MPCapable) appendText(b []byte) []byte {
	b = append(b, "MP_CAPABLE "...)
	b = m.Version.appendText(b)
	b = m.Flags.appendText(append(b, " flags="...))
	if m.HasSenderKey {
		b = appendHex(b, " sender_key=", uint64(m.SenderKey), 16)
	}
	if m.HasReceiverKey {
		b = appendHex(b, " receiver_key=", uint64(m.ReceiverKey), 16)
	}
	if m.HasData {
		b = appendNumber(b, " data_len=", uint64(m.DataLength))
	}
	if m.HasChecksum {
		b = appendHex(b, " csum=", uint64(m.Checksum), 4)
	}
	return b
}
