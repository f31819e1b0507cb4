package directory

import (
	"fmt"
	"strings"
	"unicode"
)

// usccAlphabet is the character set of GB 32100-2015: no I, O, S, V, Z. A character's place is its value.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// usccLength: registering department, kind, 6 digits of region, 9 of the organisation, 1 check character.
const usccLength = 18

// lookalikes are the letters the standard leaves out because they are read as something else.
var lookalikes = map[rune]string{'O': "数字0", 'I': "数字1", 'Z': "数字2", 'S': "数字5", 'V': "字母U或Y"}

// NormalUSCC brings a typed code to the standard's form: half-width, upper case, without spaces and dashes.
func NormalUSCC(typed string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // the full-width block lies at a fixed distance from ASCII
			r -= '！' - '!'
		}
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed)
}

// CheckUSCC tells in plain words what is wrong with a normalised 统一社会信用代码 (GB 32100-2015); empty when it holds.
// The inner check digit of the organisation part (GB 11714) is left alone on purpose: codes converted from old registers break it.
func CheckUSCC(code string) string {
	for i, r := range []rune(code) {
		if strings.ContainsRune(usccAlphabet, r) {
			continue
		}
		if meant, ok := lookalikes[r]; ok {
			return fmt.Sprintf("统一社会信用代码里没有字母%c，第%d位多半是%s。", r, i+1, meant)
		}
		return fmt.Sprintf("统一社会信用代码只有数字和大写字母，第%d位“%c”不是。", i+1, r)
	}
	if len(code) == 15 && allDigits(code) {
		return "这是15位的旧注册号。请填营业执照上18位的统一社会信用代码，没有就留空。"
	}
	if len(code) != usccLength {
		return fmt.Sprintf("统一社会信用代码是18位，这里是%d位。请对照营业执照再看一遍。", len(code))
	}
	if !strings.ContainsRune("123456789ANY", rune(code[0])) {
		return fmt.Sprintf("统一社会信用代码的第1位是登记管理部门，没有用“%c”的。", code[0])
	}
	if !allDigits(code[2:8]) {
		return "统一社会信用代码的第3至8位是行政区划，只能是数字。"
	}
	if want := usccCheck(code[:17]); code[17] != want {
		return fmt.Sprintf("统一社会信用代码抄错了一位：按前17位算，最后一位应当是%c，这里是%c。请对照营业执照。", want, code[17])
	}
	return ""
}

// usccCheck is MOD 31-3 of ISO 7064 as GB 32100-2015 gives it: weights 3^(i-1) mod 31 over the first 17 characters.
func usccCheck(body string) byte {
	sum, weight := 0, 1
	for i := range body {
		sum += strings.IndexByte(usccAlphabet, body[i]) * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31]
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
