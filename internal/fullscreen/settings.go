package fullscreen

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// settings are those of a terminal.
type settings = unix.Termios

func readSettings(file *os.File) (*settings, error) {
	found, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("read the terminal's settings: %w", err)
	}
	return found, nil
}

// writeSettings takes effect when what was written is out, and leaves what was
// typed meanwhile.
func writeSettings(file *os.File, s *settings) error {
	if err := unix.IoctlSetTermios(int(file.Fd()), unix.TCSETSW, s); err != nil {
		return fmt.Errorf("change the terminal's settings: %w", err)
	}
	return nil
}

// keyByKey are settings in which each key is read at once, and nothing is shown for
// it. Ctrl-C, Ctrl-Z and Ctrl-\ go on sending signals to the foreground's
// processes, to a sudo in front of this program as well.
func keyByKey(s settings) *settings {
	s.Iflag &^= unix.ICRNL | unix.INLCR | unix.IGNCR | unix.IXON | unix.ISTRIP | unix.PARMRK
	s.Oflag &^= unix.OPOST
	s.Lflag &^= unix.ICANON | unix.ECHO | unix.ECHONL | unix.IEXTEN
	s.Lflag |= unix.ISIG
	s.Cc[unix.VMIN], s.Cc[unix.VTIME] = 1, 0
	return &s
}

// readSize is the number of columns and rows. A terminal that does not know its own
// has the size of the first ones.
func readSize(file *os.File) (width, height int) {
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 || size.Row == 0 {
		return 80, 24
	}
	return int(size.Col), int(size.Row)
}
