// Package pathtest proves allroadsd under the userspace path manager, as a black box: in
// labs, with the packets on the wire as the judge. It measures it beside mptcpd and the
// kernel's own path manager, too. It has nothing but tests and benchmarks.
//
// mptcpd is that of the system, or of the folder that ALLROADS_MPTCPD names, into which
// packages of a distribution were unpacked (dpkg-deb -x): mptcpd, mptcpd-plugins, its
// library and that library's -dev package, libell and -dev, and, where they are newer
// than this system's, libc6. ALLROADS_LONG=1 has tests take the sizes that were promised,
// not those that a quick run can afford.
package pathtest
