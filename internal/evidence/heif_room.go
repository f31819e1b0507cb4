//go:build !race

package evidence

// childData bounds all memory of the process that decodes: the decoder's own, and what compiling it takes.
const childData = 768 << 20
