package top

import "allroads/internal/fullscreen"

var helpKeys = [...]label{
	{"↑ ↓ PgUp PgDn End", "choose a connection: it stays chosen wherever it moves"},
	{"Home", "choose whichever is first"},
	{"Enter →", "show its paths on the whole screen"},
	{"Esc ←", "back"},
	{"F3 /, n", "search in all that is shown of connections; the next"},
	{"F4 \\", "show only connections that a text is in; Esc takes that away"},
	{"F6 s, < >, I", "order by another column, the one beside, reversed"},
	{"e", "what happened to all connections"},
	{"p", "processes, which takes more time"},
	{"Space", "pause"},
	{"+ - d", "look less often, more often, every so many seconds"},
	{"F1 h ?", "this help"},
	{"F10 q", "quit"},
}

var helpTexts = [...]string{
	"PATHS counts the subflows of a connection that are established, + those whose handshake is not complete," +
		" / how many there may be. SENT and RECV are payload in bits per second; RETR is how many bytes MPTCP sent again;" +
		" ? stands for what is not known.",
	"A path is drawn ━ established, ─ as a backup, ┄ while it comes or goes, ╳ when it does not answer. Its bar is its" +
		" share of all that the connection carried. Graphs show both directions together, all paths of a connection with" +
		" the same top.",
	"Events come from the kernel, which tells them to CAP_NET_ADMIN only. While anybody hears them, in whatever network" +
		" namespace, connections under the userspace path manager accept announced addresses and further subflows, which they" +
		" refuse otherwise. --no-events leaves them alone; changes are found by comparing looks.",
}

func (m *model) help(width int) (all []line) {
	const indent = 20
	for _, key := range helpKeys {
		var first line
		first.add(fullscreen.Bold, key.key)
		first.pad(indent)
		folded := fold(0, first.text(), key.does, width)
		folded[0] = append(first, folded[0][1:]...)
		all = append(all, folded...)
	}
	for _, text := range helpTexts {
		all = append(all, nil)
		all = append(all, fold(0, "", text, width)...)
	}
	return all
}
