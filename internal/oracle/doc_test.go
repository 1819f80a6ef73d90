// Package oracle holds package trace against those who know: real kernels at both
// ends of a connection (MPTCP_INFO, their counters), tshark, and the programs that
// sent and received the data. All packets are of labs; none is made up, but those of
// version 0 of the protocol, which no kernel speaks any more.
//
// It has tests only. Captures are made once, and shared among the tests (scene_test.go).
package oracle_test
