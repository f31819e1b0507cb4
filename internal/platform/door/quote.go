package door

import (
	"strings"
	"unicode"
)

// Quotes tells whether text repeats n or more characters in a row of what somebody said. Only letters and digits count, so
// that a comma put in or a space taken out does not make a quotation one's own words; names in except (a unit's) are nobody's.
func Quotes(said, text string, n int, except ...string) bool {
	for _, name := range except {
		if name != "" {
			said = strings.ReplaceAll(said, name, string(gap))
		}
	}
	from, in := plain(said), plain(text)
	runs := map[string]bool{}
	for i := 0; i+n <= len(from); i++ {
		if run := string(from[i : i+n]); !strings.ContainsRune(run, gap) {
			runs[run] = true
		}
	}
	for i := 0; i+n <= len(in); i++ {
		if runs[string(in[i:i+n])] {
			return true
		}
	}
	return false
}

// Names tells whether text holds a name or number whole, whatever stands between its characters; one of a single character
// is no name.
func Names(name, text string) bool {
	n := plain(name)
	return len(n) >= 2 && strings.Contains(string(plain(text)), string(n))
}

// gap ends a run; no text that was cleaned has it.
const gap = '\uFFFF'

func plain(s string) []rune {
	out := make([]rune, 0, len(s)/2)
	for _, r := range s {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		if r == gap || unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToLower(r))
		}
	}
	return out
}
