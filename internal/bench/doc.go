// Package bench measures how much connections carry, on each of their paths,
// and how fast: goodput, times of requests and responses, and the gap that a
// lost path leaves. A client asks a server for one test at a time.
package bench
