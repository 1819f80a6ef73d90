package wire

import "encoding/json"

// The methods here let a field stand in the JSON exactly when the option carries it, also when its value is
// zero, which a tag cannot say. Reading it back needs no method.

// only is a pointer to v if the option carries it, else nil, which omitempty leaves out.
func only[T any](carried bool, v T) *T {
	if !carried {
		return nil
	}
	return &v
}

// MarshalJSON writes the parts that are present.
func (m MPCapable) MarshalJSON() ([]byte, error) {
	type plain MPCapable
	return json.Marshal(struct {
		plain
		SenderKey   *Key    `json:"sender_key,omitempty"`
		ReceiverKey *Key    `json:"receiver_key,omitempty"`
		DataLength  *uint16 `json:"data_length,omitempty"`
		Checksum    *uint16 `json:"checksum,omitempty"`
	}{
		plain(m), only(m.HasSenderKey, m.SenderKey), only(m.HasReceiverKey, m.ReceiverKey),
		only(m.HasData, m.DataLength), only(m.HasChecksum, m.Checksum),
	})
}

// MarshalJSON writes the parts that are present.
func (d DSS) MarshalJSON() ([]byte, error) {
	type plain DSS
	return json.Marshal(struct {
		plain
		DataAck  *uint64 `json:"data_ack,string,omitempty"`
		DSN      *uint64 `json:"dsn,string,omitempty"`
		SSN      *uint32 `json:"ssn,omitempty"`
		Length   *uint16 `json:"length,omitempty"`
		Checksum *uint16 `json:"checksum,omitempty"`
	}{
		plain(d), only(d.HasAck, d.DataAck), only(d.HasMap, d.DSN), only(d.HasMap, d.SSN), only(d.HasMap, d.Length),
		only(d.HasChecksum, d.Checksum),
	})
}

// MarshalJSON writes the parts that are present.
func (p MPPrio) MarshalJSON() ([]byte, error) {
	type plain MPPrio
	return json.Marshal(struct {
		plain
		AddressID *uint8 `json:"address_id,omitempty"`
	}{plain(p), only(p.HasAddressID, p.AddressID)})
}
