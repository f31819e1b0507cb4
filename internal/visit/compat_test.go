package visit

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// sheetBodies are the bytes that apps of each protocol have sealed; they lie on phones and are sent weeks later, so what
// was taken once is taken for ever. A change of the body gets a new file; none is ever edited (the hashes see to that),
// and none removed before two newer versions of the app are out.
var sheetBodies = map[string]string{
	"v1-full.json":       "96fcf98164a2eb112d286c18bbf61fcd9b071c34d83f10910bed64e6e6ec19ed",
	"v1-correction.json": "4d5c475846ff25cfeea4f6df7c1ee73efe5eae9787e0e6bdbcb83c6112f5c4e7",
}

func TestSheetsOfEarlierAppsAreTaken(t *testing.T) {
	w := newTown(t)
	ctx := context.Background()
	exec := func(q string, args ...any) {
		t.Helper()
		_, err := w.DB.Exec(ctx, q, args...)
		w.must(err)
	}
	exec(`INSERT INTO agencies (id, name, kind, office_id) VALUES ('01970000-0000-7000-8000-0000000000a1', '示例镇A执法中队', 'township', $1)`, w.west.ID)
	for id, name := range map[string]string{"01970000-0000-7000-8000-0000000000b1": "first", "01970000-0000-7000-8000-0000000000b2": "second"} {
		exec(`INSERT INTO accounts (id, username, name, role, office_id, certificate, password_hash, created_at) VALUES ($1, $2, $2, 'supervisor', $3, '豫监0002', 'x', $4)`, id, name, w.west.ID, w.Clock.Now())
	}
	author := w.people["supervisor"]
	author.ID = uuid.MustParse("01970000-0000-7000-8000-0000000000b1")
	w.people["author"] = author
	found, err := filepath.Glob("testdata/sheets/v*.json")
	w.must(err)
	if len(found) != len(sheetBodies) {
		t.Errorf("files %v, known %v", found, slices.Sorted(maps.Keys(sheetBodies)))
	}
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(b, a) }) // v1-full before its correction
	for _, file := range found {
		raw, err := os.ReadFile(file)
		w.must(err)
		if got := digestOf(raw); got != sheetBodies[filepath.Base(file)] {
			t.Errorf("%s was edited: %s", file, got)
		}
		sheet, err := ReadSheet(raw)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		code, body, _ := w.call("author", "PUT", "/api/sheets/"+sheet.ID.String(), raw)
		if code != 201 || body["state"] != "waiting" || len(body["missing"].([]any)) != len(sheet.Photos) {
			t.Errorf("%s: %d %v", file, code, body)
		}
	}
	full, err := w.s.Sheet(ctx, w.people["office"], uuid.MustParse("01970000-0000-7000-8000-000000000001"))
	w.must(err)
	if len(full.Findings) != 2 || !slices.Contains(full.Remarks, "late") || full.Body.OfficerSign.Stance != "object" || full.PhotosDue != 7 {
		t.Errorf("read back: findings %d, remarks %v, due %d", len(full.Findings), full.Remarks, full.PhotosDue)
	}
}
