package fullscreen

import "fmt"

func (t *Terminal) write(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if _, err := t.out.Write(text); err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return nil
}

// enter takes the screen. Where it is this program's already it makes sure of that,
// since a shell may have had it while the program was stopped.
func (t *Terminal) enter() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state == closed {
		return nil
	}
	if t.state == outside {
		found, err := readSettings(t.in)
		if err != nil {
			return err
		}
		t.saved = found
	}
	if err := writeSettings(t.in, keyByKey(*t.saved)); err != nil {
		return err
	}
	t.state, t.painter.shown = inside, nil
	return t.write([]byte(enterScreen))
}

// leave gives the screen back as it was.
func (t *Terminal) leave(then state) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.state
	if was != closed {
		t.state = then
	}
	if was != inside {
		return nil
	}
	err := t.write([]byte(leaveScreen))
	if failed := writeSettings(t.in, t.saved); err == nil {
		err = failed
	}
	return err
}
