// Package fault holds the kinds of error a use-case can end in. Anything else is internal.
package fault

import (
	"errors"
	"strings"
)

// Kind sorts faults by what the caller can do about them; platform/web maps it to HTTP.
type Kind int

// The kinds. Internal is what an error has that is no fault.
const (
	Internal        Kind = iota
	Invalid              // the input is wrong; Fields says where
	Unauthenticated      // nobody is logged in, or no longer
	Forbidden            // logged in, and not this role's deed
	NotFound             // does not exist, or is out of sight: same words
	Conflict             // true a moment ago, or a rule of the life-cycle forbids it
	TooLarge             // over a size limit
	TooMany              // slowed down
)

// FieldError names one field by its wire name and says in plain Chinese what is wrong with it.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error is a fault: a kind, a stable code for programs, words for people.
type Error struct {
	Kind   Kind
	Code   string
	Words  string
	Fields []FieldError
	// RetryAfter in seconds, for TooMany.
	RetryAfter int
}

func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Code + ": " + e.Words
	}
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + " " + f.Message
	}
	return e.Code + ": " + strings.Join(parts, "; ")
}

// New makes a fault of a kind with a code and the words a person reads.
func New(kind Kind, code, words string) error {
	return &Error{Kind: kind, Code: code, Words: words}
}

// Field makes an Invalid fault about one field.
func Field(field, message string) error {
	return Invalidf(FieldError{Field: field, Message: message})
}

// Invalidf makes an Invalid fault about several fields; with none it returns nil, so that checks can collect and return.
func Invalidf(fields ...FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid", Words: invalidWords(fields), Fields: fields}
}

func invalidWords(fields []FieldError) string {
	if len(fields) == 1 {
		return fields[0].Message
	}
	return "有几处要改，已填的都留着。"
}

// Missing is the one answer for what does not exist and for what is out of sight (invariant 6).
func Missing() error {
	return New(NotFound, "not_found", "找不到这条记录。编号可能写错了，或者不在您的范围内。")
}

// Denied is the answer to a deed that is not this role's.
func Denied() error { return New(Forbidden, "forbidden", "您的岗位不办理这一项。") }

// Stale is the answer to a change made on an old version of a record.
func Stale() error {
	return New(Conflict, "stale", "这条记录刚被别人改过，您的改动没有保存。请看过新的内容再决定。")
}

// KindOf gives the kind of err; Internal when it is no fault.
func KindOf(err error) Kind {
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return Internal
}

// CodeOf gives the code of err; empty when it is no fault.
func CodeOf(err error) string {
	var f *Error
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
