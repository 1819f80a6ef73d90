package wire_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/rand/v2"
	"net/netip"
	"testing"

	"allroads/wire"
)

// sumOf is the HMAC as the standard library makes it.
func sumOf(newHash func() hash.Hash, local, remote wire.Key, message []byte) []byte {
	key := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(local)), uint64(remote))
	h := hmac.New(newHash, key)
	h.Write(message)
	return h.Sum(nil)
}

// TestHMACsAgainstTheStandardLibrary compares the HMACs, which are written out for
// speed, with those of crypto/hmac.
func TestHMACsAgainstTheStandardLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		local, remote := wire.Key(random.Uint64()), wire.Key(random.Uint64())
		a, b := random.Uint32(), random.Uint32()
		nonces := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, a), b)
		for version, newHash := range map[wire.Version]func() hash.Hash{wire.V0: sha1.New, wire.V1: sha256.New} {
			if token, idsn := version.Derive(local); token != version.Token(local) || idsn != version.IDSN(local) {
				t.Fatalf("%v: key %v gives token %v and IDSN %d", version, local, token, idsn)
			}
			got := version.JoinHMAC(local, remote, a, b)
			if want := sumOf(newHash, local, remote, nonces)[:20]; !bytes.Equal(got[:], want) {
				t.Fatalf("%v: %x, want %x", version, got, want)
			}
		}
		var raw [16]byte
		binary.BigEndian.PutUint64(raw[:], random.Uint64())
		for _, addr := range []netip.Addr{netip.AddrFrom4([4]byte(raw[:4])), netip.AddrFrom16(raw)} {
			id, port := uint8(random.Uint32()), uint16(random.Uint32())
			message := binary.BigEndian.AppendUint16(append([]byte{id}, addr.AsSlice()...), port)
			got := wire.AddAddrHMAC(local, remote, id, addr, port)
			if want := sumOf(sha256.New, local, remote, message)[24:]; !bytes.Equal(got[:], want) {
				t.Fatalf("%v: %x, want %x", addr, got, want)
			}
		}
	}
}

// TestKeysAllocateNothing: an analyzer derives them for each connection.
func TestKeysAllocateNothing(t *testing.T) {
	addr := netip.MustParseAddr("2001:db8::1")
	allocated := testing.AllocsPerRun(100, func() {
		for _, version := range []wire.Version{wire.V0, wire.V1} {
			version.Token(1)
			version.IDSN(1)
			version.Derive(1)
			version.JoinHMAC(1, 2, 3, 4)
		}
		wire.AddAddrHMAC(1, 2, 3, addr, 4)
	})
	if allocated != 0 {
		t.Errorf("%v allocations", allocated)
	}
}
