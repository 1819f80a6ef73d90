package ipmptcp

import (
	"syscall"

	"allroads/pathmanager"
)

// eventDocument is allroads.event/1, one line with all that the kernel said.
func eventDocument(e *pathmanager.Event, from *place) []byte {
	var f fields
	f.text("schema", "allroads.event/1")
	f.text("time", e.Time.UTC().Format("2006-01-02T15:04:05.000000Z"))
	f.text("event", e.Type.String())
	if from.isNumbered {
		f.number("nsid", int64(from.nsid))
	}
	if from.isNamed() {
		f.text("netns", utf8(from.name))
	}
	f.connection(e)
	f.subflow(e, from)
	f.flags(e)
	if e.LostKnown {
		f.number("lost", int64(e.Lost))
	}
	return append(f.line(), '\n')
}

func (f *fields) connection(e *pathmanager.Event) {
	if e.Token != 0 {
		f.text("token", e.Token.String())
	}
	given(f, "local_id", e.LocalID)
	given(f, "remote_id", e.RemoteID)
	if e.Source.IsValid() {
		f.text("source", e.Source.String())
	}
	given(f, "source_port", e.SourcePort)
	if e.Destination.IsValid() {
		f.text("destination", e.Destination.String())
	}
	given(f, "destination_port", e.DestinationPort)
}

func (f *fields) subflow(e *pathmanager.Event, from *place) {
	if e.Backup != nil {
		f.truth("backup", *e.Backup)
	}
	if e.Error != nil {
		f.number("errno", int64(*e.Error))
		f.text("error", syscall.Errno(*e.Error).Error())
	}
	given(f, "timeout", e.Timeout)
	given(f, "ifindex", e.IfIndex)
	if e.IfIndex != nil && *e.IfIndex != 0 {
		f.text("dev", utf8(from.device(int(*e.IfIndex))))
	}
	given(f, "reset_reason", e.ResetReason)
	given(f, "reset_flags", e.ResetFlags)
}

func (f *fields) flags(e *pathmanager.Event) {
	if e.ServerSide {
		f.truth("server_side", true)
	}
	if e.Flags != nil {
		if *e.Flags&pathmanager.DenyJoinID0 != 0 {
			f.truth("deny_join_id0", true)
		}
		f.number("flags", int64(*e.Flags))
	}
	given(f, "family", e.Family)
}

// given adds a number that need not be there.
func given[T uint8 | uint16 | uint32 | int32](f *fields, key string, value *T) {
	if value != nil {
		f.number(key, int64(*value))
	}
}
