package directory

import "suixing/internal/fault"

// Column is a column of a table that a feature above reads from a file, or gives out as a template.
type Column struct {
	Field, Heading string
	Also           []string // what else people write above it
	Required       bool     // the file must have it
	Code, Day      bool     // digits that are no number; a day
	Most           int      // characters of a cell; 0: 300
	Hint, Example  string
}

// Line is one row of a file: its number as the person sees it there, its values, and what was wrong with its cells.
type Line struct {
	Number int
	Values map[string]string
	Faults []fault.FieldError
}

func columnsOf(list []Column) []column {
	out := make([]column, len(list))
	for i, c := range list {
		out[i] = column{field: c.Field, heading: c.Heading, also: c.Also, required: c.Required, hint: c.Hint, example: c.Example, most: c.Most}
		switch {
		case c.Code:
			out[i].kind = code
		case c.Day:
			out[i].kind = day
		}
	}
	return out
}

// ReadLines reads a file from outside under the same bounds as our own imports: a hostile one costs no memory.
func ReadLines(file []byte, columns []Column) ([]Line, error) {
	lines, err := readTable(file, columnsOf(columns))
	if err != nil {
		return nil, err
	}
	out := make([]Line, len(lines))
	for i, l := range lines {
		out[i] = Line{Number: l.number, Values: l.values, Faults: l.checks}
	}
	return out, nil
}

// TemplateOf is the empty file for such a table.
func TemplateOf(columns []Column) ([]byte, error) { return Template(columnsOf(columns)) }
