package db

import (
	"errors"
	"sync"

	"github.com/lib/pq"

	"suixing/internal/fault"
)

type rule struct{ field, words string }

var constraints sync.Map // constraint name to rule

// Constraint says which field a constraint is about and what to tell the person; a feature calls it when it is made.
func Constraint(name, field, words string) { constraints.Store(name, rule{field, words}) }

// decode is the only place that knows PostgreSQL's codes.
func decode(err error) error {
	var p *pq.Error
	if !errors.As(err, &p) {
		return err
	}
	r, known := constraints.Load(p.Constraint)
	switch p.Code {
	case "23505": // unique_violation
		if known {
			return &fault.Error{Kind: fault.Conflict, Code: "taken", Words: r.(rule).words, Fields: []fault.FieldError{{Field: r.(rule).field, Message: r.(rule).words}}}
		}
		return &fault.Error{Kind: fault.Conflict, Code: "taken", Words: "已经有同样的记录。"}
	case "23503", "23514", "23502": // foreign_key, check, not_null
		if known {
			return fault.Field(r.(rule).field, r.(rule).words)
		}
	case "22021", "22P05": // a NUL byte or what UTF-8 cannot hold
		return fault.New(fault.Invalid, "text", "文字里有无法保存的字符，请删去后再试。")
	case "22003", "22007", "22008", "22009", "22P02": // a number, date, zone or id that reads as one and that no column can hold
		return fault.New(fault.Invalid, "range", "有一项数字、日期或编号不对，请核对后再试。没有保存。")
	case "57014", "53300", "40001", "40P01": // cancelled, too many connections, serialization, deadlock
		return err
	}
	return err
}
