package directory

import (
	"testing"
	"time"

	"suixing/internal/fault"
	"suixing/internal/platform/clock"
)

func TestStanding(t *testing.T) {
	o := Officer{ValidFrom: "2024-03-01", ValidTo: "2026-05-14", Status: "active"}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	cases := []struct {
		at, status, want string
	}{
		{"2026-05-14 23:59", "active", Valid}, // good through its last day, in Shanghai
		{"2026-05-15 00:00", "active", Expired},
		{"2024-02-29 23:59", "active", Expired},
		{"2024-03-01 00:00", "active", Valid},
		{"2026-01-01 00:00", Suspended, Suspended},
		{"2030-01-01 00:00", Suspended, Suspended},
		{"2026-01-01 00:00", Revoked, Revoked},
	}
	for _, c := range cases {
		o.Status = c.status
		if got := o.Standing(at(c.at)); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.at, c.status, got, c.want)
		}
	}
}

func TestChecksNameEveryField(t *testing.T) {
	o := Officer{Name: "张", Credential: "1", ValidFrom: "x", ValidTo: "", Status: "?"}
	var f *fault.Error
	if err := o.check(); !asFault(err, &f) || len(f.Fields) != 6 {
		t.Fatalf("want six fields named, got %v", err)
	}
	b := Business{Name: "  示例\u200b小吃店\u3000 一店 ", Kind: "household", USCC: "９１３５０１００ m000100y43"}
	if err := b.check(); err != nil || b.Name != "示例小吃店 一店" || b.USCC != "91350100M000100Y43" {
		t.Fatalf("%v %+v", err, b)
	}
	a := Agency{Name: "示例镇综合执法大队", Kind: "township"}
	if err := a.check(); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("a township agency without an office passed: %v", err)
	}
}
