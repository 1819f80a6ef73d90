package wire_test

import (
	"encoding/json"
	"fmt"
	"net/netip"

	"allroads/wire"
)

// The options of a captured segment: timestamps, a DSS, and the MP_PRIO behind it.
var segment = []byte{
	1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1,
	0x1e, 0x0c, 0x20, 0x03, 0x1c, 0x81, 0x8c, 0x8b, 0x84, 0x7a, 0x51, 0x94,
	0x1e, 0x03, 0x50, 0x01,
}

func ExampleNext() {
	options := segment
	for {
		opt, rest, err := wire.Next(options)
		if err != nil {
			fmt.Println(err)
		}
		if opt == nil {
			return
		}
		fmt.Println(opt)
		options = rest
	}
	// Output:
	// DSS ack=2054077435908608404
	// MP_PRIO nobackup
}

func ExampleParseDSS() {
	var d wire.DSS
	if err := wire.ParseDSS(segment[12:24], &d); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.HasAck, d.DataAck, d.HasMap)

	err := wire.ParseDSS([]byte{30, 5, 0x20, 0x03, 0}, &d)
	fmt.Println(err)
	// Output:
	// true 2054077435908608404 false
	// parse DSS: wrong option length
}

func ExampleOption_Decode() {
	v, err := wire.Option{0x1e, 0x05, 0x40, 0x01, 0x02}.Decode()
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := json.Marshal(v)
	fmt.Printf("%T %s\n", v, text)
	// Output: *wire.RemoveAddr {"ids":[1,2]}
}

func ExampleAppendAddAddr() {
	const local, remote = wire.Key(0x0011223344556677), wire.Key(0x8899aabbccddeeff)
	a := wire.AddAddr{Version: wire.V1, AddressID: 3, Addr: netip.MustParseAddr("10.0.0.1")}
	a.HasHMAC, a.HMAC = true, wire.AddAddrHMAC(local, remote, a.AddressID, a.Addr, 0)
	fmt.Printf("% x\n", wire.AppendAddAddr(nil, &a))
	// Output: 1e 10 30 03 0a 00 00 01 dc 89 20 7e 50 bd 04 ca
}

// The keys, nonces and HMACs are those of a captured connection.
func ExampleVersion_JoinHMAC() {
	const client, server = wire.Key(0x424c2c1392d5fe37), wire.Key(0x4367ce530b8a4dc8)
	const clientNonce, serverNonce = 0xf8b7959c, 0x06a60e22

	fmt.Println("token in the SYN:", wire.V1.Token(server))
	synAck := wire.V1.JoinHMAC(server, client, serverNonce, clientNonce)
	fmt.Printf("hmac in the SYN/ACK: %x\n", synAck[:8])
	ack := wire.V1.JoinHMAC(client, server, clientNonce, serverNonce)
	fmt.Printf("hmac in the ACK: %x\n", ack)
	fmt.Println("first data of the client:", wire.V1.IDSN(client)+1)
	// Output:
	// token in the SYN: 2674e8ae
	// hmac in the SYN/ACK: dc99b76f87223a44
	// hmac in the ACK: 94d6b9344100fd73a3e86f866ecdf4846d0f2f55
	// first data of the client: 6520103076998666676
}
