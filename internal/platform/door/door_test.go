package door

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTypedCodes(t *testing.T) {
	for in, want := range map[string]string{
		"7KQ4 M2XA T9DR": "7KQ4M2XAT9DR", "7kq4-m2xa-t9dr": "7KQ4M2XAT9DR", "７ＫＱ４　ｍ２ｘａ ｔ９ｄｒ": "7KQ4M2XAT9DR", "oOiIlL000000": "001111000000",
		"7KQ4M2XAT9D": "", "7KQ4M2XAT9DRR": "", "7KQ4M2XAT9DU": "", "": "", "七": "", "7KQ4M2XAT9D\x00": "",
	} {
		if got := Typed(in, 12); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		c, err := RandomCode(16)
		if err != nil || len(c) != 16 || seen[c] || Typed(Group(c), 16) != c {
			t.Fatal(c, err)
		}
		seen[c] = true
	}
	if Code([]byte{0xff, 0xff, 0xff, 0xff, 0xff}, 8) != "ZZZZZZZZ" || Code([]byte{0, 0, 0, 0, 1}, 8) != "00000001" {
		t.Error("bits are lost")
	}
}

func TestKeysAreForOnePurpose(t *testing.T) {
	k, other := NewKeys(bytes.Repeat([]byte{1}, 32)), NewKeys(bytes.Repeat([]byte{2}, 32))
	again := NewKeys(bytes.Repeat([]byte{1}, 32))
	if k.Receipt("a", []byte("x")) != again.Receipt("a", []byte("x")) || k.Receipt("a", []byte("x")) == k.Receipt("b", []byte("x")) ||
		k.Receipt("a", []byte("x")) == other.Receipt("a", []byte("x")) || k.Receipt("a", []byte("x"), []byte("y")) == k.Receipt("a", []byte("xy")) {
		t.Error("receipts")
	}
	now := time.Unix(1_800_000_000, 0)
	token, err := k.Seal("page", map[string]string{"c": "secret"}, now)
	if err != nil || strings.Contains(token, "secret") {
		t.Fatal(token, err)
	}
	var got map[string]string
	if !k.Open("page", token, &got, now) || got["c"] != "secret" {
		t.Error("does not open")
	}
	if k.Open("page", token, &got, now.Add(time.Second)) || k.Open("other", token, &got, now) || other.Open("page", token, &got, now) || k.Open("page", "", &got, now) {
		t.Error("opens where it must not")
	}
	r := Reader{Keys: k}
	p := Photo{SHA256: strings.Repeat("a", 64), Size: 5}
	m := r.Mark(p, []byte("form"))
	if q, ok := r.unmark(m, []byte("form")); !ok || q != p {
		t.Error("mark")
	}
	for _, bad := range []string{m + "x", strings.Replace(m, ".5.", ".6.", 1), strings.Replace(m, "aaaa", "bbbb", 1), "..", "", strings.Repeat("a", 64) + ".5."} {
		if _, ok := r.unmark(bad, []byte("form")); ok {
			t.Errorf("took %q", bad)
		}
	}
	if _, ok := r.unmark(m, []byte("another form")); ok {
		t.Error("a mark of another form")
	}
}

func TestCleanKeepsWordsOnly(t *testing.T) {
	for in, want := range map[string]string{
		"  a\r\nb\x00c\x1b[31m ": "a\nbc[31m", "\u202eevil\u2066": "evil", "\xff": "\uFFFD", "👩‍👩‍👧": "👩‍👩‍👧", "\ufeff名": "名",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if n := len([]rune(Clean(strings.Repeat("很", 1_000_000)))); n != KeepMost {
		t.Error(n)
	}
	if OneLine(" a\n b\t\tc ") != "a b c" {
		t.Error(OneLine(" a\n b\t\tc "))
	}
}

func TestSlowingGrowsAndEnds(t *testing.T) {
	if delayFor(freeHits-1) != 0 || delayFor(freeHits) == 0 || delayFor(freeHits+3) <= delayFor(freeHits) || delayFor(1_000_000) != longest {
		t.Error("delays")
	}
}

func TestNetworkOfAnAddress(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64",
		"2001:db8:1:3::9": "2001:db8:1:3::/64", "fe80::1%eth0": "fe80::/64", "": "", "nonsense": "nonsense",
	} {
		if got := Network(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPackedBodiesComeBack(t *testing.T) {
	k, now := NewKeys(bytes.Repeat([]byte{1}, 32)), time.Unix(1_800_000_000, 0)
	long := []byte(strings.Repeat("一天来了三次，", 200))
	token, err := k.Pack("draft", long, now)
	if err != nil || len(token) > 400 {
		t.Fatal(len(token), err)
	}
	if got, ok := k.Unpack("draft", token, now); !ok || !bytes.Equal(got, long) {
		t.Error("does not come back")
	}
	if _, ok := k.Unpack("other", token, now); ok {
		t.Error("opens for another purpose")
	}
	if _, ok := k.Unpack("draft", token, now.Add(time.Second)); ok {
		t.Error("opens when it is over")
	}
	for _, bad := range []string{"", "x", token[:20], token[1:]} {
		if _, ok := k.Unpack("draft", bad, now); ok {
			t.Errorf("opens %q", bad)
		}
	}
}
