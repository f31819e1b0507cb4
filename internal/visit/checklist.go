package visit

import (
	"encoding/json"
	"fmt"
)

// Item is one line of the checklist (DOMAIN D.3).
type Item struct {
	Code     string `json:"code"`
	Cat      string `json:"cat"`
	Sev      string `json:"sev"`
	Category string `json:"category"`
	Text     string `json:"text"`
	Fail     string `json:"fail"`
	Basis    string `json:"basis"`
}

// Checklist is one version of the items; Quick are the codes of the short outdoor form.
type Checklist struct {
	Version int      `json:"version"`
	Items   []Item   `json:"items"`
	Quick   []string `json:"quick"`
}

// Item finds a line by its code.
func (l Checklist) Item(code string) (Item, bool) {
	for _, it := range l.Items {
		if it.Code == code {
			return it, true
		}
	}
	return Item{}, false
}

// Codes are the lines a sheet of this mode must answer.
func (l Checklist) Codes(mode string) []string {
	if mode == "quick" {
		return l.Quick
	}
	out := make([]string, len(l.Items))
	for i, it := range l.Items {
		out[i] = it.Code
	}
	return out
}

// ReadChecklist reads a version's body and refuses one that contradicts itself.
func ReadChecklist(version int, body []byte) (Checklist, error) {
	l := Checklist{Version: version}
	if err := json.Unmarshal(body, &l); err != nil {
		return l, fmt.Errorf("checklist %d: %w", version, err)
	}
	l.Version = version
	seen := map[string]bool{}
	for _, it := range l.Items {
		if seen[it.Code] || it.Text == "" || it.Basis == "" {
			return l, fmt.Errorf("checklist %d: item %q is doubled or unfinished", version, it.Code)
		}
		seen[it.Code] = true
	}
	for _, code := range l.Quick {
		if !seen[code] {
			return l, fmt.Errorf("checklist %d: quick item %q does not exist", version, code)
		}
	}
	return l, nil
}
