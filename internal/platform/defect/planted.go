//go:build defects

// Package defect plants known faults for the storm to catch.
package defect

import "os"

var planted = os.Getenv("SUIXING_DEFECT")

// Built tells whether this program has defects in it at all.
const Built = true

// On tells whether the named fault is planted in this run.
func On(name string) bool { return planted == name }
