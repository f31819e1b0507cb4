package problem

import (
	"strings"
	"unicode/utf8"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/fault"
)

// maxExtension is how far after the original date an extension may reach, in days (DOMAIN G.2).
const maxExtension = 20

type faults struct{ list []fault.FieldError }

func (f *faults) add(bad bool, field, words string) {
	if bad {
		f.list = append(f.list, fault.FieldError{Field: field, Message: words})
	}
}

// text wants something said: more than blanks, within the limit.
func (f *faults) text(field, value, missing string, limit int) {
	f.add(strings.TrimSpace(value) == "", field, missing)
	f.most(field, value, limit)
}

// most lets a text be empty, and no longer than the limit.
func (f *faults) most(field, value string, limit int) {
	f.add(utf8.RuneCountInString(value) > limit, field, "太长了，请精简后再提交")
}

func (f *faults) date(field string, d, notBefore, notAfter deadline.Date, words string) {
	switch {
	case !d.Valid():
		f.add(true, field, "日期要写成2026-05-14这样")
	case notBefore != "" && d < notBefore, notAfter != "" && d > notAfter:
		f.add(true, field, words)
	}
}

func (f *faults) photos(hashes []string, atLeast int, words string) {
	f.add(len(hashes) < atLeast, "photos", words)
	f.add(len(hashes) > maxPhotos, "photos", "一次最多30件")
	for _, h := range hashes {
		if !isHash(h) {
			f.add(true, "photos", "照片的校验码不对，请重新选择照片")
			return
		}
	}
}

func (f *faults) err() error { return fault.Invalidf(f.list...) }

func isHash(h string) bool {
	return len(h) == 64 && strings.Trim(h, "0123456789abcdef") == ""
}

func forbidden(code, words string) error { return fault.New(fault.Forbidden, code, words) }
func conflict(code, words string) error  { return fault.New(fault.Conflict, code, words) }

func checkText(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写明内容", 4000)
	return f.err()
}

func checkReason(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("reason", in.Reason, "写明理由，理由会留在记录里", 2000)
	return f.err()
}

func checkDeidentify(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写一份发给执法单位的事实，看不出是谁说的", 4000)
	f.photos(in.Photos, 0, "")
	return f.err()
}

func readyOnSpot(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.FromVoice() {
		return conflict("voice", "这个问题是群众或企业反映的。当场让执法单位认可，就等于说出了是谁反映的，请发文书。")
	}
	if p.Severity != Minor {
		return conflict("not_minor", "只有瑕疵可以当场改正，这个问题要发文书。")
	}
	return nil
}

func checkOnSpot(_ Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.add(!in.Acknowledged, "acknowledged", "要有执法单位当场认可")
	f.photos(in.Photos, 1, "至少附一张改正后的照片")
	f.most("note", in.Note, 2000)
	return f.err()
}

func checkSubmit(p Problem, _ actor.Actor, in Input, _ deadline.Date) error {
	var f faults
	f.text("measures", in.Measures, "写明采取了什么措施", 4000)
	f.text("result", in.Result, "写明结果怎样", 4000)
	f.photos(in.Photos, 1, "至少附一件佐证，比如签到表照片或新的通知书")
	if p.Severity == Redline {
		f.text("responsible", in.Responsible, "红线问题要写明责任人怎样处理", 2000)
	} else {
		f.most("responsible", in.Responsible, 2000)
	}
	return f.err()
}

func readyAsk(p Problem, _ actor.Actor, _ deadline.Date) error {
	switch {
	case p.Extended:
		return conflict("extended", "已经延期过一次，不能再延。")
	case p.ExtensionAsked != "":
		return conflict("asked", "延期申请已经提交，正在等答复。")
	}
	return nil
}

func (p Problem) checkUntil(f *faults, until, today deadline.Date) {
	last := p.OriginalDueOn.Add(maxExtension)
	f.date("until", until, max(p.DueOn.Add(1), today), last, "新期限要晚于原来的"+string(p.DueOn)+"，不能是已经过去的日子，最晚到"+string(last))
}

func checkAsk(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	p.checkUntil(&f, in.Until, today)
	f.text("reason", in.Reason, "写明为什么要延期", 1000)
	return f.err()
}

func readyExtend(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.ExtensionAsked == "" {
		return conflict("not_asked", "执法单位没有申请延期。")
	}
	return nil
}

func checkExtend(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	p.checkUntil(&f, in.Until, today)
	return f.err()
}

func checkAmend(_ Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.text("text", in.Text, "写明变更了什么", 4000)
	f.date("due_on", in.DueOn, today, today.Add(365), "新期限从今天起，不超过一年")
	return f.err()
}

// mayReview: who reviews is not who reported, and a red line is the county's (DOMAIN G.2).
func mayReview(p Problem, who actor.Actor) error {
	if p.Severity == Redline && !who.Is(actor.County) {
		return forbidden("redline_county", "红线问题由县司法局复核。")
	}
	return nil
}

// reported tells whether who is one of the reporters: who registered it, or who wrote a lead that led here.
func (p Problem) reported(who actor.Actor) bool {
	return p.ReporterID.Valid && p.ReporterID.UUID == who.ID || strings.Contains(p.ToldBy, who.ID.String())
}

func readyClose(p Problem, who actor.Actor, _ deadline.Date) error {
	if err := mayReview(p, who); err != nil {
		return err
	}
	if p.reported(who) {
		return forbidden("own_report", "这个问题是您登记或者报来的，销号要换一个人复核。")
	}
	return nil
}

func checkClose(p Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.text("conclusion", in.Conclusion, "写明怎样核的、结论是什么", 4000)
	if p.Severity == Redline || in.LookBackOn != "" {
		f.date("look_back_on", in.LookBackOn, today.Add(1), today.Add(3650), "回头看日期要在今天之后")
	}
	return f.err()
}

func readyReturn(p Problem, who actor.Actor, _ deadline.Date) error {
	if err := mayReview(p, who); err != nil {
		return err
	}
	if p.AgencyText == "" {
		return conflict("not_deidentified", "还没有去标识。先写一份看不出是谁说的事实，再退回给执法单位整改。")
	}
	return nil
}

func checkReturn(_ Problem, _ actor.Actor, in Input, today deadline.Date) error {
	var f faults
	f.text("reason", in.Reason, "写明退回的理由，执法单位会看到", 2000)
	f.date("due_on", in.DueOn, today, today.Add(365), "新期限从今天起，不超过一年")
	return f.err()
}

func readyReopen(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.AgencyText == "" {
		return conflict("not_deidentified", "还没有去标识。先写一份看不出是谁说的事实，再重新打开。")
	}
	return nil
}

func readyAccountability(p Problem, _ actor.Actor, _ deadline.Date) error {
	if p.Accountability {
		return conflict("marked", "已经移送责任追究。")
	}
	return nil
}
