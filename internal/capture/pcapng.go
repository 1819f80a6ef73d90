package capture

import "encoding/binary"

// Blocks and options of draft-ietf-opsawg-pcapng, sections 3.5 and 4, little-endian.
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockStatistics = 5
	blockPacket     = 6 // enhanced

	byteOrderMagic = 0x1a2b3c4d

	optionEnd     = 0
	optionComment = 1

	optionHardware    = 2 // shb_hardware
	optionSystem      = 3 // shb_os
	optionApplication = 4 // shb_userappl

	optionName       = 2 // if_name
	optionResolution = 9 // if_tsresol

	optionFilterAccept = 6 // isb_filteraccept
	optionDropped      = 7 // isb_osdrop
	optionDelivered    = 8 // isb_usrdeliv
)

// LinkEthernet is LINKTYPE_ETHERNET, that of all that is captured live.
const LinkEthernet = 1

// beginBlock appends the head of a block, whose length endBlock writes.
func beginBlock(b []byte, kind uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, kind), 0)
}

// endBlock writes the length of the block that b is.
func endBlock(b []byte) []byte {
	length := uint32(len(b) + 4)
	binary.LittleEndian.PutUint32(b[4:], length)
	return binary.LittleEndian.AppendUint32(b, length)
}

// sectionBlock begins a file, whose length is not known.
func sectionBlock(hardware, system, application string) []byte {
	b := beginBlock(nil, blockSection)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = binary.LittleEndian.AppendUint16(b, 1) // version 1.0
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint64(b, ^uint64(0))
	b = appendOption(b, optionHardware, []byte(hardware))
	b = appendOption(b, optionSystem, []byte(system))
	b = appendOption(b, optionApplication, []byte(application))
	return endBlock(appendOption(b, optionEnd, nil))
}

// interfaceBlock describes an interface whose times are in nanoseconds.
func interfaceBlock(i *FileInterface) []byte {
	b := beginBlock(nil, blockInterface)
	b = binary.LittleEndian.AppendUint16(b, i.Link)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint32(b, i.SnapLen)
	b = appendText(b, optionName, i.Name)
	b = appendText(b, optionDescription, i.Description)
	b = appendText(b, optionComment, i.Comment)
	b = appendOption(b, optionResolution, []byte{9})
	return endBlock(appendOption(b, optionEnd, nil))
}

// packetHead appends what stands before a packet's data, and packetTail what
// stands behind it.
func packetHead(b []byte, p *Packet) []byte {
	b = binary.LittleEndian.AppendUint32(b, blockPacket)
	b = binary.LittleEndian.AppendUint32(b, packetLength(p))
	b = binary.LittleEndian.AppendUint32(b, uint32(p.Interface))
	b = appendTime(b, uint64(p.Time))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p.Data)))
	return binary.LittleEndian.AppendUint32(b, uint32(p.Length))
}

func packetTail(b []byte, p *Packet) []byte {
	b = append(b, "\x00\x00\x00"[:-len(p.Data)&3]...)
	return binary.LittleEndian.AppendUint32(b, packetLength(p))
}

// packetLength is that of a packet's block: 32 bytes around the padded data.
func packetLength(p *Packet) uint32 { return uint32(32 + len(p.Data) + -len(p.Data)&3) }

// appendTime adds a time as two halves, the upper one first.
func appendTime(b []byte, nanoseconds uint64) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(nanoseconds>>32))
	return binary.LittleEndian.AppendUint32(b, uint32(nanoseconds))
}

func appendNumber(b []byte, code uint16, v uint64) []byte {
	return appendOption(b, code, binary.LittleEndian.AppendUint64(nil, v))
}

// appendText leaves out what is empty.
func appendText(b []byte, code uint16, text string) []byte {
	if text == "" {
		return b
	}
	return appendOption(b, code, []byte(text))
}

// appendOption pads the value to 4 bytes, which its length does not count.
func appendOption(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(value)&3)...)
}
