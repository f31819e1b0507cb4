package door

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// KeepMost bounds what is kept of one typed text, so that a form can come back with it; each field has its own limit below.
const KeepMost = 4000

// Clean makes typed text safe to keep: valid UTF-8, one kind of line break, no control characters, and none of the marks
// that turn the reading direction (a desk must read what is there).
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF, r == 0x200E, r == 0x200F:
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > KeepMost {
		s = string([]rune(s)[:KeepMost])
	}
	return s
}

// OneLine is Clean for a field of one line.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// TooLong tells whether s has more than most characters.
func TooLong(s string, most int) bool { return utf8.RuneCountInString(s) > most }
