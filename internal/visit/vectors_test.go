package visit

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestRulesOfThePhone: what the phone checks before sealing is what the server checks after it
// (pwa/test/vectors/rules.test.ts reads the same table).
func TestRulesOfThePhone(t *testing.T) {
	text, err := os.ReadFile("../../pwa/test/vectors/sheet-rules.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Checklist Checklist       `json:"checklist"`
		Base      json.RawMessage `json:"base"`
		Cases     []struct {
			Name string `json:"name"`
			Set  []struct {
				At    []any `json:"at"`
				Value any   `json:"value"`
			} `json:"set"`
			Faults []string `json:"faults"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	for _, c := range table.Cases {
		var d doc
		if err := json.Unmarshal(table.Base, &d); err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Set {
			path := slices.Clone(s.At)
			for i := range path {
				if n, ok := path[i].(float64); ok {
					path[i] = int(n)
				}
			}
			d.set(s.Value, path...)
		}
		s, err := ReadSheet(d.bytes(t))
		if err == nil {
			err = s.Check(table.Checklist)
		}
		got := fieldsOf(err)
		slices.Sort(got)
		slices.Sort(c.Faults)
		if !slices.Equal(slices.Compact(got), c.Faults) {
			t.Errorf("%s: faults at %v, want %v", c.Name, got, c.Faults)
		}
	}
	if len(table.Cases) < 50 {
		t.Errorf("%d cases", len(table.Cases))
	}
}
