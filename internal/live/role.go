package live

import "allroads/sockdiag"

// Role is how a subflow came to be: "initial", the one that the connection began
// with (MP_CAPABLE, RFC 8684, section 3.1), or "joined" later (MP_JOIN, section
// 3.2).
func Role(f *sockdiag.Subflow) string {
	if f.Initial() {
		return "initial"
	}
	return "joined"
}
