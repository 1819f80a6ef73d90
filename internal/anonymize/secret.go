package anonymize

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// purpose keeps what is replaced in one place independent of all others.
type purpose uint8

const (
	forIPv4 purpose = iota
	forIPv6
	forMAC
	forOrder // of ports, VLANs and first bytes of IPv4 addresses
	forSession
	forPacketID
	forFlowLabel
	forFragment
	forSecurity
	forTunnel
	forFlow
	forKey
	forToken
	forNonce
	forHMAC
	forDSN
	forChecksum
	forTime
	purposes
)

// secret is what everything that is replaced depends on. Whoever has it can turn
// addresses back. It is for one goroutine.
type secret struct {
	root   [sha256.Size]byte
	blocks [purposes]cipher.Block
	in     [aes.BlockSize]byte
	out    [aes.BlockSize]byte
}

// minSecret is how few bytes a key may have, unless it is a seed.
const minSecret = 16

// newSecret derives all keys from a secret of any length, or from one that nobody
// knows if it is nil.
func newSecret(material []byte) (*secret, error) {
	if material == nil {
		material = make([]byte, 32)
		rand.Read(material)
	}
	s := &secret{}
	mac := hmac.New(sha256.New, []byte("allroads anonymize 1"))
	mac.Write(material)
	mac.Sum(s.root[:0])
	for p := range s.blocks {
		key := s.digest(purpose(p), []byte("block"))
		block, err := aes.NewCipher(key[:16])
		if err != nil {
			return nil, fmt.Errorf("derive a key: %w", err)
		}
		s.blocks[p] = block
	}
	return s, nil
}

// digest is a pseudo-random function of some bytes.
func (s *secret) digest(p purpose, of []byte) (out [sha256.Size]byte) {
	mac := hmac.New(sha256.New, s.root[:])
	mac.Write([]byte{byte(p)})
	mac.Write(of)
	mac.Sum(out[:0])
	return out
}

// number is a pseudo-random function of two numbers.
func (s *secret) number(p purpose, a, b uint64) uint64 {
	binary.BigEndian.PutUint64(s.in[:8], a)
	binary.BigEndian.PutUint64(s.in[8:], b)
	s.blocks[p].Encrypt(s.out[:], s.in[:])
	return binary.BigEndian.Uint64(s.out[:8])
}

// order is a random order of n numbers from a shuffle (Fisher and Yates).
func (s *secret) order(label uint64, n int) []uint16 {
	numbers := make([]uint16, n)
	for i := range numbers {
		numbers[i] = uint16(i)
	}
	for i := n - 1; i > 0; i-- {
		j := s.number(forOrder, label, uint64(i)) % uint64(i+1)
		numbers[i], numbers[j] = numbers[j], numbers[i]
	}
	return numbers
}
