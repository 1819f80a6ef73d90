package wire_test

import (
	"encoding/json"
	"testing"

	"allroads/wire"
)

func TestJSON(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{"1e040101", `{"version":1,"flags":"H"}`},
		{"1e0c01a10000000000000000", `{"version":1,"flags":"A C H","has_sender_key":true,"sender_key":"0000000000000000"}`},
		{"1e180100" + "0011223344556677" + "8899aabbccddeeff" + "0000abcd",
			`{"version":1,"flags":"none","has_sender_key":true,"has_receiver_key":true,"has_data":true,"has_checksum":true,` +
				`"sender_key":"0011223344556677","receiver_key":"8899aabbccddeeff","data_length":0,"checksum":43981}`},
		{"1e0c110383119fc500000000", `{"form":"syn","backup":true,"address_id":3,"token":"83119fc5","nonce":0}`},
		{"1e101000010203040506070812345678", `{"form":"syn/ack","address_id":0,"nonce":305419896,"hmac":"0102030405060708"}`},
		{"1e181000000102030405060708090a0b0c0d0e0f10111213", `{"form":"ack","hmac":"000102030405060708090a0b0c0d0e0f10111213"}`},
		{"1e0c2003ffffffffffffffff", `{"has_ack":true,"ack64":true,"data_ack":"18446744073709551615"}`},
		{"1e102014000000000000000000000000", `{"has_map":true,"has_checksum":true,"data_fin":true,"dsn":"0","ssn":0,"length":0,"checksum":0}`},
		{"1e0a31030a0000010000", `{"version":1,"echo":true,"address_id":3,"addr":"10.0.0.1","has_port":true,"port":0}`},
		{"1e1030030a0000010000000000000000", `{"version":1,"address_id":3,"addr":"10.0.0.1","has_hmac":true,"hmac":"0000000000000000"}`},
		{"1e143603fd000000000000000000000000000001", `{"version":0,"address_id":3,"addr":"fd00::1"}`},
		{"1e05400102", `{"ids":[1,2]}`},
		{"1e0350", `{"backup":false}`},
		{"1e045100", `{"backup":true,"has_address_id":true,"address_id":0}`},
		{"1e0c6000ffffffffffffffff", `{"dsn":"18446744073709551615"}`},
		{"1e0c70000000000000000001", `{"key":"0000000000000001"}`},
		{"1e048106", `{"transient":true,"reason":"middlebox interference"}`},
		{"1e048e07", `{"u":true,"v":true,"w":true,"reason":"reason 7"}`},
		{"1e05f20102", `{"nibble":2,"body":"0102"}`},
		{"1e03f0", `{}`},
		{"1e0490ff", `{"subtype":9,"body":"ff"}`},
	} {
		v, err := wire.Option(unhex(t, tt.raw)).Decode()
		if err != nil {
			t.Errorf("%s: %v", tt.raw, err)
			continue
		}
		got, err := json.Marshal(v)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n got %s\nwant %s", tt.raw, err, got, tt.want)
		}
	}
}

func TestJSONErrors(t *testing.T) {
	for _, tt := range []struct {
		into any
		text string
	}{
		{&wire.MPCapable{}, `{"sender_key":"xyz"}`},
		{&wire.MPCapable{}, `{"flags":"I"}`},
		{&wire.MPJoin{}, `{"form":"fin"}`},
		{&wire.MPJoin{}, `{"form":"syn","token":"123456789"}`},
		{&wire.MPJoin{}, `{"form":"syn","hmac":"0102030405060708"}`},
		{&wire.MPJoin{}, `{"form":"ack","hmac":"01"}`},
		{&wire.MPJoin{}, `{"form":"ack","hmac":"zz"}`},
		{&wire.AddAddr{}, `{"has_hmac":true}`},
		{&wire.AddAddr{}, `{"hmac":5}`},
		{&wire.RemoveAddr{}, `{"ids":[256]}`},
		{&wire.RemoveAddr{}, `{"ids":[-1]}`},
		{&wire.RemoveAddr{}, `{"ids":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}`},
		{&wire.MPTCPRst{}, `{"reason":"bad luck"}`},
		{&wire.MPTCPRst{}, `{"reason":"reason 256"}`},
		{&wire.Experimental{}, `{"body":"0"}`},
		{&wire.Unknown{}, `{"body":1}`},
	} {
		if err := json.Unmarshal([]byte(tt.text), tt.into); err == nil {
			t.Errorf("%s: read as %+v, want an error", tt.text, tt.into)
		}
	}
	if text, err := json.Marshal(wire.MPJoin{}); err == nil {
		t.Errorf("a join without a form: got %s, want an error", text)
	}
}
