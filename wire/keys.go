package wire

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
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

// Derive is Token and IDSN at once, in half the time.
func (v Version) Derive(k Key) (token Token, idsn uint64) { return v.hashKey(k) }

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
	if v == V0 {
		return keyedSHA1(local, remote, nonces[:])
	}
	sum := keyedSHA256(local, remote, nonces[:])
	return [20]byte(sum[:20])
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
	sum := keyedSHA256(local, remote, message)
	return [8]byte(sum[sha256.Size-8:])
}

// The two bytes that HMAC puts over its key (RFC 2104), and the block of both hashes.
const (
	innerPad  = 0x36
	outerPad  = 0x5c
	hashBlock = 64
)

// keyedSHA256 is the HMAC of a message of at most 19 bytes with both keys. It is written out, since crypto/hmac
// allocates for each one, and an analyzer makes two for each subflow.
func keyedSHA256(local, remote Key, message []byte) [sha256.Size]byte {
	var inner, outer [hashBlock + sha256.Size]byte
	pad(inner[:hashBlock], local, remote, innerPad)
	pad(outer[:hashBlock], local, remote, outerPad)
	sum := sha256.Sum256(inner[:hashBlock+copy(inner[hashBlock:], message)])
	copy(outer[hashBlock:], sum[:])
	return sha256.Sum256(outer[:])
}

// keyedSHA1 is the same with SHA-1.
func keyedSHA1(local, remote Key, message []byte) [sha1.Size]byte {
	var inner, outer [hashBlock + sha1.Size]byte
	pad(inner[:hashBlock], local, remote, innerPad)
	pad(outer[:hashBlock], local, remote, outerPad)
	sum := sha1.Sum(inner[:hashBlock+copy(inner[hashBlock:], message)])
	copy(outer[hashBlock:], sum[:])
	return sha1.Sum(outer[:])
}

// pad writes the block that the keys make, both in network byte order and zeros behind, with a byte over each.
func pad(block []byte, local, remote Key, over byte) {
	binary.BigEndian.PutUint64(block, uint64(local))
	binary.BigEndian.PutUint64(block[8:], uint64(remote))
	for i := range block {
		block[i] ^= over
	}
}
