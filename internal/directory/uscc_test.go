package directory

import (
	"strings"
	"testing"
)

func TestUSCCHolds(t *testing.T) {
	codes := []string{
		"91350100M000100Y43", // the example of GB 32100-2015 itself
		"91330100799655058B", "914403001922038216", "9144030071526726XG",
	}
	for _, c := range codes {
		if why := CheckUSCC(c); why != "" {
			t.Errorf("%s: %s", c, why)
		}
	}
}

func TestUSCCNormal(t *testing.T) {
	for _, typed := range []string{"91350100m000100y43", " 9135 0100 M000 100Y 43 ", "９１３５０１００Ｍ０００１００Ｙ４３", "91350100-M000100Y4-3", "91350100\u00a0M000100Y43\u3000", "\ufeff91350100M000100Y43"} {
		if got := NormalUSCC(typed); got != "91350100M000100Y43" {
			t.Errorf("%q became %q", typed, got)
		}
	}
}

func TestUSCCExplainsMistakes(t *testing.T) {
	cases := map[string]string{
		"9135010OM000100Y43":  "第8位多半是数字0",
		"9I350100M000100Y43":  "第2位多半是数字1",
		"91350100M000100Y44":  "应当是3，这里是4",
		"91350100M00010Y43":   "是17位",
		"410725600123456":     "15位的旧注册号",
		"9135010AM000100Y43":  "第3至8位",
		"B1350100M000100Y43":  "第1位",
		"91350100M000100Y4测":  "第18位“测”",
		"9135 100M000100Y43X": "第5位",
	}
	for code, want := range cases {
		if why := CheckUSCC(code); !strings.Contains(why, want) {
			t.Errorf("%s: %q does not say %q", code, why, want)
		}
	}
}

// Every single wrong character and every swap of neighbours must be caught, else the check digit is computed wrongly.
func TestUSCCCatchesOneWrongCharacter(t *testing.T) {
	const good = "91350100M000100Y43"
	for i := range good {
		for _, r := range usccAlphabet {
			if byte(r) == good[i] {
				continue
			}
			if bad := good[:i] + string(r) + good[i+1:]; CheckUSCC(bad) == "" {
				t.Errorf("accepted %s", bad)
			}
		}
		if i > 0 && good[i] != good[i-1] {
			if bad := good[:i-1] + string(good[i]) + string(good[i-1]) + good[i+1:]; CheckUSCC(bad) == "" {
				t.Errorf("accepted swap %s", bad)
			}
		}
	}
}
