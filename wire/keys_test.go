package wire_test

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"testing"

	"allroads/wire"
)

// The hashes of these keys as Python's hashlib computes them.
func TestTokenAndIDSN(t *testing.T) {
	for _, tt := range []struct {
		version wire.Version
		key     wire.Key
		token   wire.Token
		idsn    uint64
	}{
		{wire.V0, 0, 0x05fe4057, 0xac558654f107c7e9},
		{wire.V1, 0, 0xaf5570f5, 0xe5b2328de0e83dfc},
		{wire.V0, 1, 0xcb473678, 0x38f11011007ad27d},
		{wire.V1, 1, 0xcd266215, 0x19ec509083d00a50},
		{wire.V0, 0x0011223344556677, 0x9ea33944, 0x0e7af69feac65bbd},
		{wire.V1, 0x0011223344556677, 0xd1a5f998, 0xf70a8fec5913fea7},
		{wire.V0, 0xffffffffffffffff, 0xbe673e8a, 0x866701c11ef8e089},
		{wire.V1, 0xffffffffffffffff, 0x12a3ae44, 0x57fb595bbbacf0ca},
	} {
		if got := tt.version.Token(tt.key); got != tt.token {
			t.Errorf("%v token of %v: got %v, want %v", tt.version, tt.key, got, tt.token)
		}
		if got := tt.version.IDSN(tt.key); got != tt.idsn {
			t.Errorf("%v IDSN of %v: got %x, want %x", tt.version, tt.key, got, tt.idsn)
		}
	}
}

// The inputs and HMACs that the kernel tests its own code with (net/mptcp/crypto_test.c): 16 ASCII bytes stand
// for the two keys, 8 for the two nonces.
func TestJoinHMACOfKernel(t *testing.T) {
	for _, tt := range []struct{ keys, nonces, want string }{
		{"0b0b0b0b0b0b0b0b", "48692054", "8385e24fb4235ac37556b6b886db106284a1da671699f46db1f235ec622dcafa"},
		{"aaaaaaaaaaaaaaaa", "dddddddd", "2c5e219164ff1dca1c4a92318d847bb6b9d44492984e1eb71aff9022f71046e9"},
		{"0102030405060708", "cdcdcdcd", "e73b9ba9969969cefb04aa0d6df18ec2fcc075b6f23b4d8c4da736a5dbbc6e7d"},
	} {
		local := wire.Key(binary.BigEndian.Uint64([]byte(tt.keys)))
		remote := wire.Key(binary.BigEndian.Uint64([]byte(tt.keys[8:])))
		localNonce := binary.BigEndian.Uint32([]byte(tt.nonces))
		remoteNonce := binary.BigEndian.Uint32([]byte(tt.nonces[4:]))
		got := wire.V1.JoinHMAC(local, remote, localNonce, remoteNonce)
		if hex.EncodeToString(got[:]) != tt.want[:40] {
			t.Errorf("%s, %s: got %x, want %s", tt.keys, tt.nonces, got, tt.want[:40])
		}
	}
}

// Keys and nonces that differ between the sides show the order; Python's hmac computed the results.
func TestJoinHMAC(t *testing.T) {
	const keyA, keyB = 0x0011223344556677, 0x8899aabbccddeeff
	for _, tt := range []struct {
		version wire.Version
		want    string
	}{
		{wire.V0, "74f26952ca03c43bc20cd1571391d0d3ff8f685a"},
		{wire.V1, "53cf26eaf4294cf7811d32fccf74384edf39c7d6"},
	} {
		got := tt.version.JoinHMAC(keyA, keyB, 0x12345678, 0x9abcdef0)
		if hex.EncodeToString(got[:]) != tt.want {
			t.Errorf("%v: got %x, want %s", tt.version, got, tt.want)
		}
	}
}

func TestAddAddrHMAC(t *testing.T) {
	const keyA, keyB = 0x0011223344556677, 0x8899aabbccddeeff
	for _, tt := range []struct {
		addr string
		port uint16
		want string
	}{
		{"10.0.0.1", 0, "dc89207e50bd04ca"},
		{"10.0.0.1", 4321, "ac6f5061950c1b82"},
		{"fd00::1", 0, "d665d0f6b5232076"},
		{"::ffff:10.0.0.1", 4321, "a4a7e75e36e502e9"},
	} {
		got := wire.AddAddrHMAC(keyA, keyB, 3, netip.MustParseAddr(tt.addr), tt.port)
		if hex.EncodeToString(got[:]) != tt.want {
			t.Errorf("%s port %d: got %x, want %s", tt.addr, tt.port, got, tt.want)
		}
	}
	wire.AddAddrHMAC(1, 2, 3, netip.Addr{}, 0) // no address: any answer, no panic
}
