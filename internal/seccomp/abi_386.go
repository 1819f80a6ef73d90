package seccomp

var abis = []abi{i386}
