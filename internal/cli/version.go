package cli

import "runtime/debug"

// version is the module version that the binary was built from, as far as the
// build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
