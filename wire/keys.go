package wire

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"net/netip"
)

// Token is the most significant 32 bits of the key's hash: SHA-1 in v0 (RFC 6824 section 3.2), SHA-256 from v1
// on (RFC 8684 section 3.2).
func (v Version) Token(k Key) Token {
	first, _ := v.hashKey(k)
	return first
}

// IDSN is the initial data sequence number of the side that owns the key: the least significant 64 bits of the
// key's hash (section 3.1 of both RFCs). Its first byte of data has the number IDSN+1.
func (v Version) IDSN(k Key) uint64 {
	_, last := v.hashKey(k)
	return last
}

// hashKey returns the two ends of the key's hash.
func (v Version) hashKey(k Key) (first Token, last uint64) {
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], uint64(k))
	if v == V0 {
		d := sha1.Sum(key[:])
		return Token(binary.BigEndian.Uint32(d[:])), binary.BigEndian.Uint64(d[sha1.Size-8:])
	}
	d := sha256.Sum256(key[:])
	return Token(binary.BigEndian.Uint32(d[:])), binary.BigEndian.Uint64(d[sha256.Size-8:])
}

// JoinHMAC authenticates an MP_JOIN (section 3.2 of both RFCs): the leftmost 160 bits of the HMAC whose key is
// the two keys and whose message is the two nonces, those of the side that sends it ("local") first. The third
// ACK carries all 20 bytes, the SYN/ACK the first 8. The hash is SHA-1 in v0 and SHA-256 from v1 on.
func (v Version) JoinHMAC(local, remote Key, localNonce, remoteNonce uint32) [20]byte {
	var nonces [8]byte
	binary.BigEndian.PutUint32(nonces[:4], localNonce)
	binary.BigEndian.PutUint32(nonces[4:], remoteNonce)
	newHash := sha256.New
	if v == V0 {
		newHash = sha1.New
	}
	var sum [sha256.Size]byte
	return [20]byte(keyedHash(sum[:0], newHash, local, remote, nonces[:]))
}

// AddAddrHMAC authenticates an ADD_ADDR of v1 (RFC 8684 section 3.4.1): the rightmost 64 bits of HMAC-SHA256 over
// the address identifier, the address and the port, 0 when the option has none. "local" is the side that
// announces. An IPv4-mapped address counts as the IPv6 address it is.
func AddAddrHMAC(local, remote Key, id uint8, addr netip.Addr, port uint16) [8]byte {
	var buf [1 + 16 + 2]byte
	message := append(buf[:0], id)
	if addr.Is4() {
		v4 := addr.As4()
		message = append(message, v4[:]...)
	} else {
		v6 := addr.As16()
		message = append(message, v6[:]...)
	}
	message = binary.BigEndian.AppendUint16(message, port)
	var sum [sha256.Size]byte
	return [8]byte(keyedHash(sum[:0], sha256.New, local, remote, message)[sha256.Size-8:])
}

func keyedHash(b []byte, newHash func() hash.Hash, local, remote Key, message []byte) []byte {
	var key [16]byte
	binary.BigEndian.PutUint64(key[:8], uint64(local))
	binary.BigEndian.PutUint64(key[8:], uint64(remote))
	h := hmac.New(newHash, key[:])
	h.Write(message)
	return h.Sum(b)
}
