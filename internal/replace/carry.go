package replace

import "golang.org/x/sys/unix"

// setting is an option with what a socket has to say about it.
type setting struct {
	option
	value
}

// carryOptions gives a new MPTCP socket each option by which an old TCP socket
// differs from a fresh one. Nothing is lost in silence: the error is of type
// *OptionError when one is not taken.
func carryOptions(fd, old, fresh, family int) error {
	options, err := optionsOf(family)
	if err != nil {
		return err
	}
	var was, pristine value
	settings := make([]setting, 0, 16)
	for _, o := range options {
		o.read(old, &was)
		o.read(fresh, &pristine)
		if was != pristine {
			settings = append(settings, setting{o, was})
		}
	}
	if len(settings) == 0 {
		return nil
	}
	return carry(fd, withBuffers(old, settings), options)
}

// carry sets what differs, and looks whether all is as it should be then: options
// change each other, as IP_TOS does SO_PRIORITY.
func carry(fd int, settings []setting, options []option) error {
	want := make([]setting, 0, len(options))
	for _, o := range options {
		if o.answered {
			want = append(want, setting{option: o})
			o.read(fd, &want[len(want)-1].value)
		}
	}
	for _, s := range settings {
		if err := s.set(fd); err != nil {
			return err
		}
		for i := range want {
			if want[i].option == s.option {
				want[i].value = s.value
			}
		}
	}
	return settle(fd, want)
}

// settle sets what has become something else.
func settle(fd int, want []setting) error {
	changed := true
	var now value
	for round := 0; changed; round++ {
		changed = false
		for _, s := range want {
			if s.read(fd, &now); now == s.value {
				continue
			}
			if round == 2 {
				return &OptionError{Name: s.name}
			}
			if err := s.set(fd); err != nil {
				return err
			}
			changed = true
		}
	}
	return nil
}

func (s setting) set(fd int) error {
	switch {
	case s.errno != 0:
		return &OptionError{s.name, s.errno}
	case s.is(unix.SOL_SOCKET, unix.SO_ATTACH_FILTER): // of which only the length was read
		return &OptionError{s.name, unix.EOPNOTSUPP}
	case s.is(unix.SOL_SOCKET, unix.SO_SNDBUF), s.is(unix.SOL_SOCKET, unix.SO_RCVBUF):
		return s.setBuffer(fd)
	case s.is(unix.SOL_SOCKET, unix.SO_BUF_LOCK):
		return nil // comes with the buffers
	}
	if err := s.write(fd, &s.value); err != nil {
		return &OptionError{s.name, err}
	}
	return nil
}
