package wire

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// The options here have bytes in them, which JSON shows as hex text instead of encoding/json's base64 or list of
// numbers.

type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.AppendDecode(nil, text)
	return err
}

type plainJoin MPJoin

type joinJSON struct {
	plainJoin
	AddressID *uint8   `json:"address_id,omitempty"`
	Token     *Token   `json:"token,omitempty"`
	Nonce     *uint32  `json:"nonce,omitempty"`
	HMAC      hexBytes `json:"hmac,omitempty"`
}

// MarshalJSON writes the parts the form has.
func (j MPJoin) MarshalJSON() ([]byte, error) {
	return json.Marshal(joinJSON{
		plainJoin(j), only(j.Form != JoinACK, j.AddressID), only(j.Form == JoinSYN, j.Token),
		only(j.Form != JoinACK, j.Nonce), j.TruncatedHMAC(),
	})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (j *MPJoin) UnmarshalJSON(text []byte) error {
	var in joinJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*j = MPJoin(in.plainJoin)
	set(&j.AddressID, in.AddressID)
	set(&j.Token, in.Token)
	set(&j.Nonce, in.Nonce)
	return fill("hmac", j.TruncatedHMAC(), in.HMAC)
}

func set[T any](field *T, v *T) {
	if v != nil {
		*field = *v
	}
}

func fill(name string, field, v []byte) error {
	if len(v) != len(field) {
		return fmt.Errorf("read %s: got %d bytes, want %d", name, len(v), len(field))
	}
	copy(field, v)
	return nil
}

type plainAddAddr AddAddr

type addAddrJSON struct {
	plainAddAddr
	Port *uint16  `json:"port,omitempty"`
	HMAC hexBytes `json:"hmac,omitempty"`
}

// MarshalJSON writes the parts that are present.
func (a AddAddr) MarshalJSON() ([]byte, error) {
	return json.Marshal(addAddrJSON{plainAddAddr(a), only(a.HasPort, a.Port), a.HMAC[:8*bit(a.HasHMAC)]})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *AddAddr) UnmarshalJSON(text []byte) error {
	var in addAddrJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*a = AddAddr(in.plainAddAddr)
	set(&a.Port, in.Port)
	return fill("hmac", a.HMAC[:8*bit(a.HasHMAC)], in.HMAC)
}

type removeAddrJSON struct {
	IDs []uint16 `json:"ids"` // a slice of bytes would become base64
}

// MarshalJSON writes {"ids":[1,2]}.
func (r RemoveAddr) MarshalJSON() ([]byte, error) {
	out := removeAddrJSON{IDs: make([]uint16, 0, r.Count)}
	for _, id := range r.List() {
		out.IDs = append(out.IDs, uint16(id))
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *RemoveAddr) UnmarshalJSON(text []byte) error {
	var in removeAddrJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*r = RemoveAddr{}
	if len(in.IDs) > len(r.IDs) {
		return fmt.Errorf("read REMOVE_ADDR: got %d ids, at most %d fit", len(in.IDs), len(r.IDs))
	}
	for i, id := range in.IDs {
		if id > 255 {
			return fmt.Errorf("read REMOVE_ADDR: id %d is above 255", id)
		}
		r.IDs[i] = uint8(id)
	}
	r.Count = uint8(len(in.IDs))
	return nil
}

type plainExperimental Experimental

type experimentalJSON struct {
	plainExperimental
	Body hexBytes `json:"body,omitempty"`
}

// MarshalJSON writes the body as hex text.
func (e Experimental) MarshalJSON() ([]byte, error) {
	return json.Marshal(experimentalJSON{plainExperimental(e), e.Body})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *Experimental) UnmarshalJSON(text []byte) error {
	var in experimentalJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*e = Experimental(in.plainExperimental)
	e.Body = in.Body
	return nil
}

type plainUnknown Unknown

type unknownJSON struct {
	plainUnknown
	Body hexBytes `json:"body,omitempty"`
}

// MarshalJSON writes the body as hex text.
func (u Unknown) MarshalJSON() ([]byte, error) {
	return json.Marshal(unknownJSON{plainUnknown(u), u.Body})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (u *Unknown) UnmarshalJSON(text []byte) error {
	var in unknownJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*u = Unknown(in.plainUnknown)
	u.Body = in.Body
	return nil
}
