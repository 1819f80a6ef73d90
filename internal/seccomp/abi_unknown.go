//go:build linux && !(386 || amd64 || arm || arm64 || riscv64 || s390x)

package seccomp

// abis: nobody has looked up yet how programs call this kernel.
var abis []abi
