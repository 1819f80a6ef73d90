package sockdiag

// settle reads connections again that did not fit together: what is known of them
// first, then all subflows once more, for those that nothing led to. So nothing is
// read more than three times, however fast things change.
func (l *listing) settle() error {
	rest := l.unsettled[:0]
	for _, token := range l.unsettled {
		there, err := l.reread(token)
		switch {
		case err != nil:
			return err
		case !there:
		case l.connection.fits():
			err = l.give(&l.connection)
		default:
			rest = append(rest, token)
		}
		if err != nil {
			return err
		}
	}
	if len(rest) == 0 {
		return nil
	}
	if err := l.redump(rest); err != nil {
		return err
	}
	return l.giveUp(rest)
}

// redump lists all subflows once more, and keeps those of some connections.
func (l *listing) redump(tokens []uint32) error {
	l.subflows.forget()
	for _, token := range tokens {
		l.subflows.see(uint64(token))
	}
	return l.dump(l.ctx, protocolTCP, subflowStates, func(m *message) error {
		if l.record.decode(m) && l.subflows.chains[l.record.key()].seen {
			l.subflows.add(&l.record)
		}
		return nil
	})
}

// giveUp yields connections as they are now.
func (l *listing) giveUp(tokens []uint32) error {
	for _, token := range tokens {
		there, err := l.reread(token)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		l.connection.Changing = !l.connection.fits()
		if err := l.give(&l.connection); err != nil {
			return err
		}
	}
	return nil
}
