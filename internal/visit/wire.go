package visit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"suixing/internal/fault"
)

// ID and Stamp read any JSON value and remember whether it made sense, so that Check can name the field: the standard
// decoder only says that something somewhere was wrong.
type ID struct {
	uuid.UUID
	bad bool
}

// UnmarshalJSON never fails; Check does.
func (i *ID) UnmarshalJSON(b []byte) error {
	var s string
	if string(b) == "null" {
		return nil
	}
	err := json.Unmarshal(b, &s)
	if err == nil && s != "" {
		i.UUID, err = uuid.Parse(s)
	}
	i.bad = err != nil || (s != "" && len(s) != 36)
	return nil
}

// IsZero lets an absent id stay absent.
func (i ID) IsZero() bool { return i.UUID == uuid.Nil }

// Schema describes an ID in the OpenAPI document.
func (ID) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "string", Format: "uuid"} }

// Stamp is a time on the phone's clock.
type Stamp struct {
	time.Time
	bad bool
}

// UnmarshalJSON never fails; Check does.
func (t *Stamp) UnmarshalJSON(b []byte) error {
	var s string
	if string(b) == "null" {
		return nil
	}
	err := json.Unmarshal(b, &s)
	if err == nil && s != "" {
		t.Time, err = time.Parse(time.RFC3339Nano, s)
		t.Time = t.UTC().Truncate(time.Microsecond)
	}
	t.bad = err != nil || t.Year() > 9999 || t.Year() < 1
	return nil
}

// Schema describes a Stamp in the OpenAPI document.
func (Stamp) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date-time"}
}

func (c *check) ref(field string, id ID, must bool) {
	if id.bad || (must && id.IsZero()) {
		c.add(field, "编号格式不对。")
	}
}

// stamp checks only that a time can be read. What a phone's clock says is a claim: however wrong, the record is still a
// record, and remarks point it out.
func (c *check) stamp(field string, t Stamp, must bool) {
	switch {
	case t.bad:
		c.add(field, "时间要写成2026-05-14T09:28:00+08:00这样。")
	case t.IsZero() && must:
		c.add(field, "没有填。")
	}
}

// ReadSheet reads a sealed sheet strictly: no unknown field, nothing after it, every fault with its field.
func ReadSheet(raw []byte) (Sheet, error) {
	var s Sheet
	if !utf8.Valid(raw) {
		return s, fault.Field("body", "内容不是正确的文字编码，没有收下。")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, readFault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return s, fault.Field("body", "记录后面还有多余的内容，没有收下。")
	}
	return s, nil
}

func readFault(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fault.Field(plainName(wrong.Field), "内容的类型不对。")
	}
	if name, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		return fault.Field(plainName(strings.TrimSuffix(name, `"`)), "没有这一项。")
	}
	return fault.Field("body", "内容不完整或格式不对，没有收下。")
}

// plainName repeats a field's name only as far as it looks like one.
func plainName(s string) string {
	for i, r := range s {
		if i >= 60 || !strings.ContainsRune("_.[]abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", r) {
			if i == 0 {
				return "body"
			}
			return s[:i]
		}
	}
	return s
}

func at(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }
func count(n int) string            { return strconv.Itoa(n) }
