// Package program says what an executable file is, and which ways lead it to MPTCP.
// Nothing is executed: all of it is read from the file, and what cannot be read
// there is called unknown.
package program
