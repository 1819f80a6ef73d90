// Package vm runs Go tests in a virtual machine: a Debian kernel under qemu's
// software emulation, with no disk and no network but loopback. It is for what the
// kernel of this machine forbids or lacks, and is imported by tests only.
//
// The kernel comes from its Debian package, which is downloaded once with apt-get,
// by a configuration of its own, and unpacked into the user's cache directory,
// never installed. The initramfs is made anew each time: a static test binary, the
// programs that it needs, and allroads/internal/vm/init as the first process.
//
// Nothing runs unless it is asked for, by ALLROADS_VM=1 (as `make test-vm` does) or
// ALLROADS_REQUIRE_VM=1; with the latter, what is missing for it is a failure.
package vm
