// Package migrations holds the forward-only SQL that makes the database.
package migrations

import "embed"

// Files are the goose migrations in order of their number.
//
//go:embed *.sql
var Files embed.FS
