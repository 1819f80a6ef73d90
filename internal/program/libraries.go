package program

import (
	"path/filepath"
	"strings"
)

// libraryFolders are where loaders look in the end; triplets of Debian's are in some of
// them. What /etc/ld.so.conf adds is not known here.
var libraryFolders = []string{"/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib/*-linux-*", "/usr/lib/*-linux-*", "/usr/local/lib"}

// Libraries of the system, which set options only as they are told to.
var plain = []string{"libc.", "ld-", "libm.", "libdl.", "libpthread.", "librt.", "libstdc++.", "libgcc_s.", "libresolv.", "linux-vdso"}

// librariesMost is how many are looked through.
const librariesMost = 100

// examineLibraries looks through the libraries of a program, and through theirs. What
// is there need not be used: it is possible.
func (p *Program) examineLibraries(m *image) {
	wanted, done := p.Libraries, map[string]bool{}
	for len(wanted) > 0 && len(done) < librariesMost {
		name := wanted[0]
		wanted = wanted[1:]
		if done[name] || isPlain(name) {
			continue
		}
		done[name] = true
		if library := openLibrary(name, m); library != nil {
			wanted = append(wanted, library.readDynamic().needed...)
			p.examineLibrary(name, library)
			library.close()
		}
	}
}

func (p *Program) examineLibrary(name string, library *image) {
	for _, use := range library.optionCalls(nil) {
		use.Certainty, use.Why = Possible, "a call of setsockopt with it is in "+name
		p.Options = append(p.Options, use)
	}
	if strings.HasPrefix(name, "liburing.") && p.Uring.Certainty != Seen {
		p.Uring = &Sight{Possible, "a library of it is linked with " + name}
	}
}

func isPlain(name string) bool {
	for _, prefix := range plain {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// openLibrary finds a library of the machine that a program is for.
func openLibrary(name string, like *image) *image {
	if strings.Contains(name, "/") {
		return openLike(name, like)
	}
	for _, folder := range libraryFolders {
		paths, _ := filepath.Glob(filepath.Join(folder, escape(name)))
		for _, path := range paths {
			if library := openLike(path, like); library != nil {
				return library
			}
		}
	}
	return nil
}

// escape keeps what is in a library's name from being a pattern.
func escape(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(name)
}

func openLike(path string, like *image) *image {
	file, info, err := open(path)
	if err != nil {
		return nil
	}
	m, err := newImage(file, info.Size())
	if err != nil || m.machine != like.machine || m.is64 != like.is64 {
		file.Close()
		return nil
	}
	return m
}
