package program

import (
	"encoding/binary"
	"strings"
	"testing"
)

func FuzzImage(f *testing.F) {
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		f.Add(small(order, machineAMD64))
		f.Add(small(order, machineARM64))
	}
	f.Fuzz(func(_ *testing.T, b []byte) { look(b) })
}

// Where things are in a small file, which is loaded at address 0.
const (
	smallDynamic  = 0x100
	smallStrings  = 0x200
	smallSymbols  = 0x280
	smallSlots    = 0x300
	smallCode     = 0x400
	smallInfo     = 0x500
	smallTable    = 0x600
	smallSections = 0x800
	smallLen      = 0xa00
)

// small is a program that has something of all that is looked at: libraries, a function
// of theirs that it calls, a build of Go, functions.
func small(order byteOrder, machine uint16) []byte {
	b := make([]byte, smallLen)
	put16 := func(at int, value uint16) { order.PutUint16(b[at:], value) }
	put32 := func(at int, value uint32) { order.PutUint32(b[at:], value) }
	put64 := func(at int, values ...uint64) {
		for i, value := range values {
			order.PutUint64(b[at+8*i:], value)
		}
	}
	copy(b, "\x7fELF\x02\x01\x01")
	if order.Uint16([]byte{0, 1}) == 1 {
		b[5] = 2
	}
	put16(16, typeDyn)
	put16(18, machine)
	put64(32, 64, smallSections)
	put16(54, 56)
	put16(56, 2)
	put16(58, 64)
	put16(60, 5)
	put16(62, 4)
	put32(64, ptLoad)
	put32(68, flagExecute)
	put64(64+32, smallLen, smallLen)
	put32(120, ptDynamic)
	put64(120+8, smallDynamic, smallDynamic)
	put64(120+32, 0x100)
	put64(smallDynamic, dtNeeded, 1, dtStrtab, smallStrings, dtStrsz, 0x80, dtSymtab, smallSymbols,
		dtJmprel, smallSlots, dtPltrelsz, 24, dtPltrel, dtRela, dtFlags1, flag1PIE)
	copy(b[smallStrings:], "\x00liburing.so.2\x00setsockopt\x00")
	put32(smallSymbols+24, 15)
	put64(smallSlots, smallSlots+0x40, 1<<32|7, 0)
	copy(b[smallCode:], "\xff\x25\x3a\xff\xff\xff\xbe\x06\x00\x00\x00\xba\x12\x00\x00\x00\xe8\xeb\xff\xff\xff\xb8\xa9\x01\x00\x00\x0f\x05")
	copy(b[smallInfo:], "\xff Go buildinf:\x08\x02")
	text := strings.Repeat("a", 16) + "path\tx\nmod\tm\tv1\t\nbuild\tA=b\n" + strings.Repeat("b", 16)
	copy(b[smallInfo+buildInfoHeader:], "\x08go1.26.1"+string(rune(len(text)))+text)
	put32(smallTable, pclntabMagic)
	b[smallTable+6], b[smallTable+7] = 1, 8
	put64(smallTable+8, 1, 0, smallCode, 80, 160, 0, 0, 160)
	copy(b[smallTable+80:], "net.(*sysDialer).dialMPTCP\x00main.main\x00")
	put32(smallTable+160+4, 16)
	put32(smallTable+160+16+4, 27)
	for i, s := range []struct{ name, at, n int }{{1, smallCode, 0x40}, {7, smallInfo, 0x100}, {21, smallTable, 0x180}, {0, smallSections + 5*64, 0x80}} {
		at := smallSections + 64*(i+1)
		put32(at, uint32(s.name))
		put64(at+16, uint64(s.at), uint64(s.at), uint64(s.n))
	}
	copy(b[smallSections+5*64:], "\x00.text\x00.go.buildinfo\x00.gopclntab\x00")
	return b
}

// TestSmall: what fuzzing begins with is read to its end.
func TestSmall(t *testing.T) {
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		b := small(order, machineAMD64)
		m, err := newImage(strings.NewReader(string(b)), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		p := new(Program)
		p.describe(m)
		examine(p, m)
		if p.Linkage != StaticPIE || len(p.Libraries) != 1 || p.Uring.Certainty != Seen || p.Go == nil || p.Go.Version != "go1.26.1" {
			t.Fatalf("%+v, %+v", p, p.Go)
		}
		if p.Go.Module != "m" || p.Go.Godebugs.Answer != Yes {
			t.Errorf("%+v, %+v", p.Go, p.Go.Godebugs)
		}
		if imports := m.readImports(); len(imports) != 1 || imports[0] != (imported{"setsockopt", smallSlots + 0x40}) {
			t.Errorf("%+v", imports)
		}
		if uses := m.optionCalls(nil); len(uses) != 1 || uses[0].Option != "TCP_USER_TIMEOUT" {
			t.Errorf("%+v", uses)
		}
	}
}
