package holding

import (
	"bytes"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// EachSocket calls fn for each descriptor of a socket that a process has open, with
// the socket's inode. The error is that of reading /proc: fs.ErrNotExist when there is
// no such process, fs.ErrPermission when this user may not look into it.
func EachSocket(pid int, fn func(descriptor string, inode uint64)) error {
	return eachFile(pid, func(descriptor string, link []byte) {
		if inode, ok := socketInode(link); ok {
			fn(descriptor, inode)
		}
	})
}

// eachFile calls fn for each open file; the link is valid until it returns.
func eachFile(pid int, fn func(descriptor string, link []byte)) error {
	folder, err := os.Open("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		return err
	}
	defer folder.Close()
	link := make([]byte, 64)
	for {
		names, err := folder.Readdirnames(1024)
		for _, name := range names {
			n, err := unix.Readlinkat(int(folder.Fd()), name, link)
			if err == nil {
				fn(name, link[:n])
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// socketInode reads what a link in /proc/PID/fd says of a socket: "socket:[7]".
func socketInode(link []byte) (uint64, bool) {
	digits, found := bytes.CutPrefix(link, []byte("socket:["))
	digits, ended := bytes.CutSuffix(digits, []byte("]"))
	if !found || !ended {
		return 0, false
	}
	inode, err := strconv.ParseUint(string(digits), 10, 64)
	return inode, err == nil
}
