package anonymize

import (
	"context"
	"errors"
	"io"

	"allroads/trace"
)

// run is one over all files.
type run struct {
	rewriter   *rewriter
	options    Options
	interfaces []trace.Interface // as known at the end of the first reading
	packets    uint64            // in it
	first      int64             // time of the first
	result     Result
}

func newRun(o Options) (*run, error) {
	secret, err := newSecret(o.Secret)
	if err != nil {
		return nil, err
	}
	return &run{rewriter: newRewriter(secret, o), options: o}, nil
}

// twice reads the files twice. With a result and an error, they are damaged.
func (r *run) twice(ctx context.Context, paths []string, w io.Writer) (*Result, error) {
	damage := r.learn(ctx, paths)
	if damage != nil && (ctx.Err() != nil || r.packets == 0) {
		return nil, damage
	}
	table := r.rewriter.table
	table.again()
	if err := r.write(ctx, paths, w); err != nil {
		return nil, err
	}
	r.result.Connections, r.result.Subflows = table.conns, table.subflows
	return &r.result, damage
}

// checkEvery is after how many packets it is looked whether somebody has had enough.
const checkEvery = 8192

// read gives all packets to take, and tells how far it is, from a part of the work on.
func (r *run) read(ctx context.Context, paths []string, from float64, take func(*trace.File, *trace.Packet) error) error {
	file, err := trace.Open(paths...)
	if err != nil {
		return err
	}
	defer file.Close()
	var p trace.Packet
	for n := uint64(0); ; n++ {
		if n%checkEvery == 0 {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			r.progress(file, from)
		}
		if err := file.Next(&p); err != nil {
			r.interfaces = file.Interfaces()
			if err == io.EOF {
				return nil
			}
			return err
		}
		if err := take(file, &p); err != nil {
			return err
		}
	}
}

func (r *run) progress(file *trace.File, from float64) {
	if r.options.Progress == nil {
		return
	}
	if read, total := file.Position(); total > 0 {
		r.options.Progress(from + float64(read)/float64(total)/2)
	}
}

// learn is the first reading.
func (r *run) learn(ctx context.Context, paths []string) error {
	return r.read(ctx, paths, 0, func(_ *trace.File, p *trace.Packet) error {
		if r.packets == 0 {
			r.first = p.Time
		}
		r.packets++
		r.rewriter.learn(p)
		return nil
	})
}

// errDone ends the second reading where the first one ended: a file may have grown.
var errDone = errors.New("all packets were written")

// write is the second reading.
func (r *run) write(ctx context.Context, paths []string, w io.Writer) error {
	out := newFile(w, r.interfaces)
	shift := r.moved()
	err := r.read(ctx, paths, 0.5, func(_ *trace.File, p *trace.Packet) error {
		if r.result.Packets == r.packets || p.Interface >= len(out.written) {
			return errDone
		}
		r.result.Packets++
		data, err := r.rewriter.rewrite(p)
		if at := p.Time + shift; err != nil || at < 0 {
			r.leave(err)
			return nil
		} else if err := out.packet(at, p.Interface, data, max(p.Length, len(data))); err != nil {
			return err
		}
		r.result.Written++
		return nil
	})
	if err != nil && err != errDone && r.result.Packets < r.packets {
		return err
	}
	return out.close()
}

// leave counts a packet that is not written.
func (r *run) leave(why error) {
	switch why {
	case nil:
		r.result.Time++
	case trace.ErrFragment:
		r.result.Fragments++
	case trace.ErrCut:
		r.result.Cut++
	case trace.ErrTooDeep:
		r.result.TooDeep++
	case trace.ErrLinkType:
		r.result.LinkType++
	case errUnreadable:
		r.result.Unreadable++
	default:
		r.result.NotTCP++
	}
}

// span bounds by how much times are moved: 17 years.
const span = 1 << 29 * 1e9

// moved is what is added to times. It depends on the secret alone, so that captures
// of the same traffic fit together: into the past, unless that may be before 1970.
func (r *run) moved() int64 {
	if r.options.KeepTime {
		return 0
	}
	by := int64(r.rewriter.secret.number(forTime, 0, 0)%(span-1)) + 1
	if r.first < 2*span {
		return by
	}
	return -by
}
