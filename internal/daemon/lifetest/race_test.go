//go:build race

package lifetest_test

// Checking for races takes memory, which is not allroadsd's.
func init() { racing = true }
