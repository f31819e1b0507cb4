package directory

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxRows is how many rows of content one import may bring.
const maxRows = 5000

// maxCellText is more than any field takes; it keeps the preview small.
const maxCellText = 300

// column is one thing a table may have: its wire name, its heading in the template, and what people write instead.
type column struct {
	field, heading string
	also           []string
	required       bool
	kind           columnKind
	hint, example  string
	choices        []string
	most           int // characters; 0: maxCellText
}

type columnKind int

const (
	words columnKind = iota
	code             // digits and letters that a spreadsheet must not take for a number
	day
)

// line is one row of a table as read: values by field, and what was wrong with cells.
type line struct {
	number int
	values map[string]string
	checks
}

// readTable finds the sheet with our headings, in any order and not always in the first row, and reads its rows.
func readTable(body []byte, columns []column) ([]line, error) {
	w, err := openWorkbook(body)
	if err != nil {
		return nil, err
	}
	var best []string
	for _, part := range w.sheets {
		lines, missing, err := w.readSheet(part, columns)
		if err != nil {
			return nil, err
		}
		if missing == nil {
			if len(lines) == 0 {
				return nil, unreadable("表里只有表头，没有内容。请从表头下面一行填起。")
			}
			return lines, nil
		}
		if best == nil || len(missing) < len(best) {
			best = missing
		}
	}
	return nil, unreadable("没有找到表头“" + strings.Join(best, "”“") + "”。请用模板，或者把这几列的名称写在第一行。")
}

// readSheet gives the lines, or the headings it lacks.
func (w *workbook) readSheet(part string, columns []column) (lines []line, missing []string, err error) {
	var at map[int]column
	seen := 0
	for _, c := range columns {
		if c.required {
			missing = append(missing, c.heading)
		}
	}
	err = w.rows(part, func(number int, cells map[int]cell) error {
		if at == nil {
			if seen++; seen > 10 { // headings stand at the top
				return nil
			}
			found, lacks, err := headings(cells, columns)
			if err != nil {
				return err
			}
			if len(lacks) == 0 {
				at, missing = found, nil
			} else if len(lacks) < len(missing) {
				missing = lacks
			}
			return nil
		}
		l, blank := w.readLine(number, cells, at)
		if blank {
			return nil
		}
		if len(lines) >= maxRows {
			return unreadable(fmt.Sprintf("一次最多导入%d行，这个文件不止。请分成几个文件。", maxRows))
		}
		lines = append(lines, l)
		return nil
	})
	return lines, missing, err
}

// plainHeading makes headings comparable: no blanks, no stars, no notes in brackets.
func plainHeading(s string) string {
	if i := strings.IndexAny(s, "（("); i > 0 {
		s = s[:i]
	}
	return strings.Trim(strings.Join(strings.Fields(tidy(s)), ""), "*＊:： ")
}

func headings(cells map[int]cell, columns []column) (at map[int]column, missing []string, err error) {
	byName := map[string]column{}
	for _, c := range columns {
		byName[c.heading] = c
		for _, a := range c.also {
			byName[a] = c
		}
	}
	at, taken := map[int]column{}, map[string]bool{}
	order := make([]int, 0, len(cells))
	for i := range cells {
		order = append(order, i)
	}
	sort.Ints(order)
	for _, i := range order {
		c, ok := byName[plainHeading(cells[i].text)]
		if !ok {
			continue
		}
		if taken[c.field] {
			return nil, nil, unreadable("表头里有两列都是“" + c.heading + "”，不知道用哪一列。请删去一列。")
		}
		at[i], taken[c.field] = c, true
	}
	for _, c := range columns {
		if c.required && !taken[c.field] {
			missing = append(missing, c.heading)
		}
	}
	return at, missing, nil
}

func (w *workbook) readLine(number int, cells map[int]cell, at map[int]column) (l line, blank bool) {
	l, blank = line{number: number, values: map[string]string{}}, true
	for i, c := range at {
		v, ok := cells[i]
		if !ok {
			continue
		}
		blank = false
		text, wrong := w.value(c, v)
		l.values[c.field] = text
		if wrong != "" {
			l.add(c.field, wrong)
		}
	}
	sort.Slice(l.checks, func(i, j int) bool { return l.checks[i].Field < l.checks[j].Field })
	return l, blank
}

// value turns a cell into the text a person meant, or says what is wrong with the cell itself.
func (w *workbook) value(c column, v cell) (text, wrong string) {
	switch v.kind {
	case formulaCell:
		return "", "“" + c.heading + "”这一格是公式。请复制后“选择性粘贴”为数值。"
	case errorCell:
		return "", "“" + c.heading + "”这一格是错误值" + v.text + "。"
	case numberCell:
		return w.number(c, v.text)
	case textCell, dateCell:
	}
	if text = tidy(v.text); utf8.RuneCountInString(text) > max(c.most, maxCellText) {
		return string([]rune(text)[:20]) + "…", fmt.Sprintf("“%s”这一格太长，最多%d个字。", c.heading, max(c.most, maxCellText))
	}
	if c.kind == day {
		return dayText(text)
	}
	if c.kind == code && looksScientific(text) {
		return text, lostDigits(c.heading)
	}
	if c.kind == words && strings.ContainsAny(firstRune(text), "=+-@＝＋－＠") {
		return text, "“" + c.heading + "”不要以“" + firstRune(text) + "”开头。"
	}
	return text, ""
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func lostDigits(heading string) string {
	return "“" + heading + "”这一格被表格当成了数字，后面几位已经丢了。请把整列的格式设为“文本”，再重新填写。"
}

func looksScientific(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && strings.ContainsAny(s, "Ee.") && strings.ContainsAny(s, "+.")
}

func (w *workbook) number(c column, raw string) (text, wrong string) {
	f, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return raw, "“" + c.heading + "”这一格读不出来。"
	}
	switch c.kind {
	case day:
		return w.serial(f)
	case code:
		if f != math.Trunc(f) || f < 0 || f >= 1e15 { // a spreadsheet keeps 15 digits
			return strconv.FormatFloat(f, 'f', -1, 64), lostDigits(c.heading)
		}
	case words:
	}
	return strconv.FormatFloat(f, 'f', -1, 64), ""
}

const dayWords = "日期写成2026-05-14这样。"

// serial reads a spreadsheet's day number, or a day typed as 20260514.
func (w *workbook) serial(f float64) (text, wrong string) {
	if n := int64(f); f == math.Trunc(f) && n > 19000000 && n < 22000000 {
		return dayText(strconv.FormatInt(n, 10))
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if w.from1904 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if f < 10000 || f > 110000 { // 1927 to 2201
		return strconv.FormatFloat(f, 'f', -1, 64), dayWords
	}
	return base.AddDate(0, 0, int(f)).Format(time.DateOnly), ""
}

// dayText reads the ways people write a day.
func dayText(s string) (text, wrong string) {
	if s == "" {
		return "", ""
	}
	s, _, _ = strings.Cut(s, "T")
	plain := strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-", "．", "-", "－", "-", " ", "").Replace(normalDigits(s))
	for _, layout := range []string{"2006-1-2", "20060102"} {
		if t, err := time.Parse(layout, plain); err == nil {
			return t.Format(time.DateOnly), ""
		}
	}
	if s == "长期" || s == "永久" {
		return s, "有效期止要写日期。长期有效的写2099-12-31。"
	}
	return s, dayWords
}

// normalDigits turns full-width digits into plain ones.
func normalDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			r -= '０' - '0'
		}
		return r
	}, s)
}
