// Package live follows the Multipath TCP connections of network namespaces over
// time: what each carries per second, on which of its paths, and whose it is.
package live
