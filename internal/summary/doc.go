// Package summary says what a capture came to: for a person as a page of text or
// one connection in depth, for programs as CSV, and for tests as expectations that
// hold or do not. It renders what package trace reports; it reads no files.
package summary
