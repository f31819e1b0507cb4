package app_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"testing"
	"time"
)

// injections are what a scanner puts into a parameter to see whether it reaches the database as anything but a value.
var injections = []string{
	"'", "''", `"`, `\`, "' OR '1'='1", "' OR 1=1 --", `" OR ""="`, "') OR ('1'='1", "1 OR 1=1", "1; SELECT pg_sleep(6)", "'; SELECT pg_sleep(6); --", "' || pg_sleep(6) || '", "' UNION SELECT NULL, NULL, NULL --",
	"' UNION SELECT username, password_hash FROM accounts --", "1) AND (SELECT count(*) FROM vault.identities) > 0 --", "' AND 1=CAST((SELECT version()) AS int) --", "$1", "$$; DROP TABLE visits; $$", "/**/OR/**/1=1", "%' AND '%'='",
	"id DESC; --", "(SELECT CASE WHEN 1=1 THEN 1 ELSE 1/(SELECT 0) END)", "E'\\047 OR 1=1'", "＇ ＯＲ １＝１",
}

// harmless is a word that no row holds; what looks for an injection must find what looks for it finds.
const harmless = "无此字样一二三"

// secret is what only a query of the attacker's would bring into an answer.
var secret = regexp.MustCompile(`\$argon2|PostgreSQL \d|pq: |syntax error|SQLSTATE|unterminated|password_hash`)

// Injection: each text parameter of each route that reads gets two dozen texts of SQL. None is an error of ours, none takes
// longer, none brings other rows than a harmless word.
func (h *hostile) injection(t *testing.T) {
	parameters, asked := 0, 0
	for _, r := range readMatrix(t) {
		if r.method != "GET" || !h.serves(r.key()) {
			continue
		}
		letter, login := h.who(r)
		own := h.idOf(r.kind, letter, "own")
		base := pathParam.ReplaceAllString(r.path, url.PathEscape(own))
		names := []string{}
		for _, p := range h.bodies.operation(r).Parameters {
			if p.In == "query" && typeOf(p.Schema) == "string" {
				names = append(names, p.Name)
			}
		}
		switch r.path { // plain handlers, which the document does not describe parameter by parameter
		case "/api/problems.xlsx":
			names = []string{"q", "state", "severity", "due", "office_id", "agency_id", "origin", "sort", "after"}
		case "/api/photos/{sha256}":
			names = []string{"size"}
		case "/c", "/f", "/t", "/v":
			names = []string{"mode", "r", "code", "q"}
		}
		ask := func(name, x string) (*answer, time.Duration) {
			start := time.Now()
			a := h.clients[letter].do("GET", base+"?"+name+"="+url.QueryEscape(x), nil)
			if a.status == 401 && login != "" && h.clients[letter].ended() {
				*h.clients[letter] = *h.login(letter, login)
				a = h.clients[letter].do("GET", base+"?"+name+"="+url.QueryEscape(x), nil)
			}
			asked++
			return a, time.Since(start)
		}
		for _, name := range names {
			parameters++
			plain, _ := ask(name, harmless)
			for i, x := range injections {
				if !hostileFull && (i+parameters)%5 != 0 { // a fifth, another one for each parameter
					continue
				}
				a, took := ask(name, x)
				switch {
				case a.status >= 500:
					t.Errorf("%s?%s=%s: %d %.200s", r.path, name, x, a.status, a.body)
				case took > 5*time.Second:
					t.Errorf("%s?%s=%s took %s", r.path, name, x, took)
				case secret.Match(a.body):
					t.Errorf("%s?%s=%s brings %s", r.path, name, x, secret.Find(a.body))
				case a.status != plain.status && a.status != 422 && a.status != 400:
					t.Errorf("%s?%s=%s: %d, a harmless word %d", r.path, name, x, a.status, plain.status)
				case a.status == 200 && plain.status == 200 && rowsOf(a) != rowsOf(plain):
					t.Errorf("%s?%s=%s brings other rows than a harmless word:\n%.300s\n%.300s", r.path, name, x, a.body, plain.body)
				}
			}
		}
	}
	if parameters < 40 {
		t.Errorf("only %d parameters", parameters)
	}
	t.Logf("injection: %d parameters, %d requests", parameters, asked)
}

// rowsOf is how many rows a list has, and which; of anything but a list, nothing.
func rowsOf(a *answer) string {
	var list struct {
		Items []json.RawMessage `json:"items"`
		Total int               `json:"total"`
	}
	if json.Unmarshal(a.body, &list) != nil || !bytes.Contains(a.body, []byte(`"items"`)) {
		return ""
	}
	out := ""
	for _, x := range list.Items {
		var row struct {
			ID any `json:"id"`
		}
		_ = json.Unmarshal(x, &row)
		id, _ := json.Marshal(row.ID)
		out += string(id) + " "
	}
	return out
}
