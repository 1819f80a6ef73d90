package capture

import (
	"errors"
	"fmt"
	"io"
)

// Interface is one of Ethernet, as a file describes it.
type Interface struct {
	Name    string // if_name, "" for none
	Comment string // opt_comment, "" for none
}

// NewWriter is NewFileWriter for interfaces that are all Ethernet, at least one,
// as those of a Ring. snapLen is as in Options.
func NewWriter(w io.Writer, interfaces []Interface, snapLen int) (*Writer, error) {
	o, err := Options{SnapLen: snapLen}.withDefaults()
	if err == nil && len(interfaces) == 0 {
		err = errors.New("no interface given")
	}
	if err != nil {
		return nil, fmt.Errorf("start pcapng file: %w", err)
	}
	all := make([]FileInterface, len(interfaces))
	for n, i := range interfaces {
		all[n] = FileInterface{Name: i.Name, Comment: i.Comment, Link: LinkEthernet, SnapLen: uint32(o.SnapLen)}
	}
	return NewFileWriter(w, all)
}
