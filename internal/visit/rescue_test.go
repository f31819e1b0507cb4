package visit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"testing"

	"suixing/internal/evidence"
)

// rescueFile is what pwa/src/offline/rescue.ts writes: the list, then every part under the server's key.
func (w *town) rescueFile(account string, docs map[string][]int, sheets ...doc) []byte {
	var parts bytes.Buffer
	list := map[string]any{"v": 1, "made_at": w.Clock.Now(), "device_id": "", "app_version": "t"}
	items, listed := []any{}, []any{}
	put := func(id, kind, info string, raw []byte) {
		box, err := evidence.SealBytes(w.ev.SealKey(), info, raw)
		w.must(err)
		parts.Write(box)
		listed = append(listed, map[string]any{"id": id, "kind": kind, "type": "image/jpeg", "digest": digestOf(raw), "size": len(raw), "length": len(box), "sum": digestOf(box)})
	}
	for _, d := range sheets {
		raw := d.bytes(w.t)
		items = append(items, map[string]any{"id": d["id"], "kind": "sheet", "account_id": w.people[account].ID, "digest": digestOf(raw), "visit_id": d["visit_id"]})
		put(d["id"].(string), "sheet", evidence.SheetInfo(d.id()), raw)
		for _, seed := range docs[d["id"].(string)] {
			data, sha := shot(w.t, seed)
			put(sha, "photo", evidence.PhotoInfo(sha), data)
		}
	}
	list["items"], list["parts"] = items, listed
	text, err := json.Marshal(list)
	w.must(err)
	sum := sha256.Sum256(text)
	out := binary.BigEndian.AppendUint32([]byte("SXR1"), uint32(len(text))) // #nosec G115 -- a test's list
	return append(append(append(out, sum[:]...), text...), parts.Bytes()...)
}

// TestRescueFile: the records of a phone that is gone reach custody through its file, once however often it is brought.
func TestRescueFile(t *testing.T) {
	w := newTown(t)
	good, odd := w.fail(w.sheet("supervisor"), "C01", 7), w.sheet("supervisor")
	odd["helpers"] = ""
	_, stray := shot(t, 9)
	file := w.rescueFile("supervisor", map[string][]int{good["id"].(string): {7, 101, 102, 9}}, good, odd)
	for round, want := range []string{"saved", "same"} {
		code, body, _ := w.call("office", "POST", "/api/rescue", file, "Content-Type", "application/octet-stream")
		if code != 200 {
			t.Fatalf("%d %v", code, body)
		}
		list := body["items"].([]any)
		first, second := list[0].(map[string]any), list[1].(map[string]any)
		if first["state"] != want || first["missing"] != 0.0 || first["receipt_code"] == "" || first["author_name"] != "supervisor" || second["state"] != "held" {
			t.Fatalf("round %d: %v", round, list)
		}
	}
	for q, want := range map[string]int{"sheets": 1, "visits": 1, "receipts": 1, "leads": 1, "held_sheets": 1, "sheets WHERE 'from_rescue' = ANY (remarks)": 1, "audit_log WHERE deed = 'sheet.rescue'": 1, "photos": 3} {
		if n := w.count(`SELECT count(*) FROM ` + q); n != want {
			t.Errorf("%s: %d, want %d", q, n, want)
		}
	}
	if n := w.count(`SELECT count(*) FROM photos WHERE sha256 = $1`, stray); n != 0 {
		t.Error("a photo that no record declares was taken")
	}
	if n := w.count(`SELECT count(*) FROM sheets WHERE author_id = $1 AND raw = $2`, w.people["supervisor"].ID, good.bytes(t)); n != 1 {
		t.Error("not its author's, or not byte for byte")
	}
	// The phone turns up again and sends by itself: it gets its receipt.
	if code, body, _ := w.call("supervisor", "PUT", good.path(), good.bytes(t)); code != 200 || body["receipt"] == nil {
		t.Errorf("%d %v", code, body)
	}
}

func TestRescueRefuses(t *testing.T) {
	w := newTown(t)
	d := w.sheet("supervisor")
	file := w.rescueFile("supervisor", nil, d)
	for _, who := range []string{"supervisor", "agency", "leader", "admin"} {
		if code, _, _ := w.call(who, "POST", "/api/rescue", file); code != 403 {
			t.Errorf("%s brings a file: %d", who, code)
		}
	}
	if code, body, _ := w.call("officeE", "POST", "/api/rescue", file); code != 200 || body["items"].([]any)[0].(map[string]any)["state"] != "refused" {
		t.Errorf("of another township: %d %v", code, body)
	}
	if code, body, _ := w.call("office", "POST", "/api/rescue", w.rescueFile("supervisor2", nil, d)); code != 200 || body["items"].([]any)[0].(map[string]any)["state"] != "refused" {
		t.Errorf("in another's name: %d %v", code, body)
	}
	torn := bytes.Clone(file)
	torn[len(torn)-1] ^= 1
	if code, body, _ := w.call("office", "POST", "/api/rescue", torn); code != 200 || body["items"].([]any)[0].(map[string]any)["state"] != "refused" {
		t.Errorf("changed on the way: %d %v", code, body)
	}
	for name, raw := range map[string][]byte{"empty": {}, "something else": []byte("PK\x03\x04 a spreadsheet, perhaps, long enough to be read"), "half a list": file[:60], "a changed list": append(append(bytes.Clone(file[:50]), 'x'), file[51:]...)} {
		if code, _, _ := w.call("office", "POST", "/api/rescue", raw); code != 422 {
			t.Errorf("%s: %d", name, code)
		}
	}
	if n := w.count(`SELECT count(*) FROM sheets`) + w.count(`SELECT count(*) FROM held_sheets`) + w.count(`SELECT count(*) FROM visits`); n != 0 {
		t.Errorf("%d rows left behind", n)
	}
	if _, err := w.s.Rescue(context.Background(), w.people["county"], bytes.NewReader(file)); err != nil {
		t.Errorf("the county: %v", err)
	}
}
