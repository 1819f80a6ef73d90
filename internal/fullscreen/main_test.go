package fullscreen

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// actVariable makes this test program one that has a terminal's screen.
const actVariable = "ALLROADS_FULLSCREEN_TEST_ACT"

func TestMain(m *testing.M) {
	if act := os.Getenv(actVariable); act != "" {
		os.Exit(play(act))
	}
	os.Exit(m.Run())
}

// play has the screen, says "ready" on it, and does what it is told.
func play(act string) int {
	terminated := make(chan os.Signal, 1)
	if act == "terminate" {
		signal.Notify(terminated, unix.SIGTERM, unix.SIGINT, unix.SIGHUP)
	}
	terminal, err := Open(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	defer terminal.Close()
	say(terminal, "ready")
	switch act {
	case "keys":
		return showKeys(terminal)
	case "random":
		return showRandom(terminal)
	case "panic":
		var none *Grid
		none.Clear()
	case "panic in a goroutine":
		terminal.Go(func() { panic("crash") })
		select {}
	case "terminate":
		return 128 + int((<-terminated).(unix.Signal))
	}
	return 0
}

func say(terminal *Terminal, lines ...string) {
	width, height := terminal.Size()
	grid := NewGrid(width, height)
	for y, text := range lines {
		grid.Put(0, y, Bold|Green, text)
	}
	_ = terminal.Show(grid)
}

// showKeys says which key was the last.
func showKeys(terminal *Terminal) int {
	for n := 1; ; n++ {
		key := <-terminal.Keys()
		switch key {
		case 'q':
			return 0
		case Gone:
			return 4
		}
		width, height := terminal.Size()
		say(terminal, fmt.Sprintf("key %d", key), fmt.Sprintf("size %d %d", width, height), fmt.Sprintf("count %d", n))
	}
}

// showRandom draws the next of randomGrids at each key.
func showRandom(terminal *Terminal) int {
	width, height := terminal.Size()
	draw := randomGrids(width, height)
	for key := range terminal.Keys() {
		if key == 'q' {
			break
		}
		_ = terminal.Show(draw())
	}
	return 0
}

// randomGrids are always the same ones. Each is like the one before, but for some
// places.
func randomGrids(width, height int) func() *Grid {
	random, grid := rand.New(rand.NewPCG(1, 2)), NewGrid(width, height)
	glyphs := []rune("abcXYZ 0189~ \x1b\r\t\x7f é Ж ━┄╳░█⣿⡀…→ 漢\u0301\U0001f600")
	return func() *Grid {
		for range random.IntN(200) {
			text := make([]rune, random.IntN(30))
			for i := range text {
				text[i] = glyphs[random.IntN(len(glyphs))]
			}
			style := Style(random.IntN(7)) | Style(random.IntN(8))<<3
			grid.Put(random.IntN(width+4)-2, random.IntN(height+2)-1, style, string(text))
		}
		return grid
	}
}

const patience = 20 * time.Second

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
