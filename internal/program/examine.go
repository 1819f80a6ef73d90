package program

// examine adds what takes reading the whole file.
func examine(p *Program, m *image) {
	p.Options = []Use{}
	if p.Go != nil {
		p.Go.Godebugs = p.Go.godebugSuffices(m, m.functions())
		if f := m.functions(); f != nil {
			p.Options = append(p.Options, functionUses(f)...)
		}
		if l := m.linked(); l != nil {
			p.Options = append(p.Options, m.optionCalls(l)...)
		}
	} else {
		p.Options = append(p.Options, m.optionCalls(nil)...)
	}
	p.Options = append(p.Options, p.knownUses()...)
	p.Uring = p.sightUring(m)
	p.examineLibraries(m)
	p.Options = Distinct(p.Options)
}

// DecideGodebug fills in Go.Godebugs alone, for who starts a program of Go and waits:
// what names of functions rule out, which is most programs, takes milliseconds.
func (p *Program) DecideGodebug() error {
	if p.Go == nil || p.Go.Godebugs != nil {
		return nil
	}
	file, info, err := open(p.file)
	if err != nil {
		return err
	}
	defer file.Close()
	m, err := newImage(file, info.Size())
	if err != nil {
		return err
	}
	p.Go.Godebugs = p.Go.godebugSuffices(m, m.functions())
	return nil
}
