package lab

import "allroads/internal/netns"

// Commands lists the shell commands of a topology's steps.
func Commands(t *Topology) []string {
	var commands []string
	for _, step := range t.completed().steps() {
		commands = append(commands, step.Command)
	}
	return commands
}

// The limits of a link's rate, and where records are.
const (
	MinRate   = minRate
	MaxRate   = maxRate
	RecordDir = recordDir
)

// Record is a record in the making.
type Record = record

var NewRecord = newRecord

func (r *record) ID() string                              { return r.id }
func (r *record) Path() string                            { return r.file.Name() }
func (r *record) Publish(name string, ns *netns.NS) error { return r.publish(name, ns) }
func (r *record) Commit() error                           { return r.commit() }
func (r *record) Close()                                  { r.undo() }
func (r *record) Write(line string) error                 { _, err := r.file.WriteString(line); return err }

// Abandon leaves a record as a program does that is killed.
func (r *record) Abandon() { r.file.Close() }
