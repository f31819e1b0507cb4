package visit

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"suixing/internal/fault"
)

// heldInvalid: why a sealed record from someone who may send waits for a person: it breaks a rule of a record.
const heldInvalid = "invalid"

// readLoosely reads what was sealed as far as it makes sense: what has the wrong type stays empty, what is unknown is left
// out. Only what is no record at all is a fault.
func readLoosely(raw []byte) (Sheet, error) {
	var s Sheet
	if !utf8.Valid(raw) {
		return s, fault.Field("body", "内容不是正确的文字编码，没有收下。")
	}
	err := json.Unmarshal(plainText(raw), &s)
	var wrong *json.UnmarshalTypeError
	if err != nil && (!errors.As(err, &wrong) || wrong.Field == "") {
		return s, fault.Field("body", "内容不完整或格式不对，没有收下。")
	}
	return s, nil
}

// plainText leaves out the one character that PostgreSQL stores nowhere. The bytes that are kept have it still.
func plainText(raw []byte) []byte {
	if !bytes.Contains(raw, []byte(`\u0000`)) {
		return raw
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte(`\\u0000`), []byte(`\\ u0000`)), []byte(`\u0000`), nil)
}

// needed is what a record cannot be placed without, whoever lets it in.
var needed = []string{"id", "visit_id", "version", "supersedes", "checklist_version", "mode", "method", "overall", "visit"}

// mend makes of a record that breaks rules one that can be placed: what has no place is left out of what is derived from
// it, its bytes stay as they were sealed. Fault Conflict when something is missing that nobody can add for its author. Pure.
func (s Sheet) mend(list Checklist) (Sheet, error) {
	err := s.Check(list)
	if err == nil {
		return s, nil
	}
	for _, f := range fieldErrors(err) {
		head, _, _ := strings.Cut(f.Field, ".")
		if slices.Contains(needed, head) {
			return s, fault.New(fault.Conflict, "not_admissible", "这份记录缺少必要的内容，不能直接收下："+faultLine(f)+"请退回，让本人写一份更正。")
		}
	}
	s.Helpers = min(max(s.Helpers, 0), 99)
	held := map[string]bool{}
	s.Photos = slices.DeleteFunc(slices.Clone(s.Photos), func(p Photo) bool {
		gone := !hash.MatchString(p.SHA256) || held[p.SHA256] || p.Size < 1
		held[p.SHA256] = held[p.SHA256] || !gone
		return gone
	})
	for i := range s.Photos {
		if !slices.Contains(sources, s.Photos[i].Source) {
			s.Photos[i].Source = "album"
		}
	}
	done := map[string]bool{}
	s.Answers = slices.DeleteFunc(slices.Clone(s.Answers), func(a Answer) bool {
		_, known := list.Item(a.Code)
		gone := !known || done[a.Code] || !slices.Contains(Verdicts, a.Result)
		done[a.Code] = true
		return gone
	})
	for i, a := range s.Answers {
		it, _ := list.Item(a.Code)
		s.Answers[i].Photos = knownOnce(a.Photos, held)
		s.Answers[i].Corrected = a.Corrected && a.Result == "no" && it.Sev == "minor"
	}
	s.Observations = slices.Clone(s.Observations)
	for i, o := range s.Observations {
		s.Observations[i].Photos = knownOnce(o.Photos, held)
	}
	return s, nil
}

// knownOnce keeps each photo of the list once.
func knownOnce(shas []string, list map[string]bool) []string {
	out := []string{}
	for _, sha := range shas {
		if list[sha] && !slices.Contains(out, sha) {
			out = append(out, sha)
		}
	}
	return out
}

func fieldErrors(err error) []fault.FieldError {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Fields
	}
	return nil
}

// labels name a record's fields as its page does, by the longest beginning.
var labels = []struct{ field, label string }{
	{"helpers", "协助人员人数"}, {"answers", "检查项"}, {"observations", "其他情况"}, {"officers", "执法人员"}, {"officer_sign.text", "异议内容"}, {"officer_sign", "执法人员签字"}, {"supervisor_signs", "监督人员签字"},
	{"visit.supervisor_ids", "监督人员"}, {"visit.agency_id", "执法单位"}, {"visit.business", "被检查对象"}, {"visit.matter", "检查事项"}, {"visit.notice_number", "检查通知书文号"}, {"visit.external_code", "外部编号"},
	{"opinion", "现场意见"}, {"overall", "总体评价"}, {"photos", "照片"}, {"stop", "当场制止"}, {"late_reason", "补录原因"}, {"reason", "更正原因"}, {"place", "位置"}, {"recusal", "回避声明"},
	{"started_at", "开始时间"}, {"ended_at", "结束时间"}, {"sealed_at", "封存时间"}, {"checklist_version", "检查表"},
}

// faultLine says a fault with the name of its field.
func faultLine(f fault.FieldError) string {
	for _, l := range labels {
		if strings.HasPrefix(f.Field, l.field) {
			return l.label + "：" + f.Message
		}
	}
	return f.Message
}

// faultLines are the first faults of a record, for a person to read.
func faultLines(err error) string {
	var out strings.Builder
	for i, f := range fieldErrors(err) {
		if i == 5 {
			out.WriteString("等。")
			break
		}
		out.WriteString(faultLine(f))
	}
	return out.String()
}

// versionIn, hashes and photoBytes are what a row about a record may hold, whatever the record says.
func versionIn(v int) int { return min(max(v, 0), 99) }

func (s Sheet) hashes() []string {
	out := []string{}
	for _, p := range s.Photos {
		if hash.MatchString(p.SHA256) && !slices.Contains(out, p.SHA256) {
			out = append(out, p.SHA256)
		}
	}
	return out
}

func (s Sheet) photoBytes() (n int64) {
	for _, p := range s.Photos {
		n += min(max(p.Size, 0), maxPhotoBytes)
	}
	return n
}
