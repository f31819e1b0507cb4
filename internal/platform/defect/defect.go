//go:build !defects

// Package defect plants known faults for the storm to catch: a test that cannot fail proves nothing. In every ordinary
// build On is false and the compiler leaves the planted lines out; only a program built with -tags defects, which is
// never shipped, reads SUIXING_DEFECT.
package defect

// Built tells whether this program has defects in it at all.
const Built = false

// On tells whether the named fault is planted. Without the build tag none is.
func On(string) bool { return false }
