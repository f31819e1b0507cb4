package heif

import _ "embed" // the texts

//go:embed LICENSE.libheif
var licenseLibheif string

//go:embed LICENSE.libde265
var licenseLibde265 string

//go:embed LICENSE.heic
var licenseHeic string

// Licenses is the notice that goes with every copy of the program: who uses it may change these libraries and put them in.
func Licenses() string {
	return `This program contains libheif 1.18.2 and libde265 1.0.15, compiled to WebAssembly. Both are free software under the GNU
Lesser General Public License, version 3; you may change them, and use this program with your changed versions. Their
sources are at https://github.com/strukturag/libheif (tag v1.18.2) and https://github.com/strukturag/libde265 (tag v1.0.15).
internal/evidence/heif in this program's source says how they were built and how to put others in their place.
The texts of their licences, and of the binding between them and this program, follow.

` + "libheif\n\n" + licenseLibheif + "\n\nlibde265\n\n" + licenseLibde265 + "\n\nheif.c of github.com/gen2brain/heic\n\n" + licenseHeic
}
