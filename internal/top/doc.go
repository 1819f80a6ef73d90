// Package top shows live connections on a whole screen: ordered by what they carry,
// and for one of them its paths, what each has carried lately, and what happens to
// it.
package top
