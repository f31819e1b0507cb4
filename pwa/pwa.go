// Package pwa carries the built front end inside the binary: the field app (index.html), the desk (desk.html),
// the service worker (sw.js) and the hashed files under assets/.
package pwa

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist is the root of the built front end. Without a front-end build it holds nothing but a marker,
// so that the server compiles and starts all the same; the caller says so when index.html is missing.
func Dist() fs.FS {
	sub, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path: this cannot happen
	}
	return sub
}
