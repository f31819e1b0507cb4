package app_test

import (
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
)

var matrixFull = flag.Bool("matrix", false, "the whole matrix: every record, every format, every search; scripts/matrix sets it")

// roles are the columns of matrix.txt, each with the demo login that stands for it. P has none, T is a program's token of
// the county, X a phone's credential of the supervisor.
var roles = []struct {
	letter byte
	login  string
	sees   []string // whose people it may meet where a route shows people at all
}{
	{'C', "county", []string{"own", "call", "rated", "sibling", "parent"}}, {'L', "leader", []string{"own", "call", "rated", "sibling", "parent"}}, {'O', "office", []string{"own", "call"}},
	{'S', "supervisor", []string{"own"}}, {'A', "agency", []string{"own"}}, {'H', "hotline", []string{"call"}}, {'D', "admin", nil}, {'U', "auditor", nil}, {'P', "", nil},
	{'T', "county", []string{"own", "call", "rated", "sibling", "parent"}}, {'X', "supervisor", nil},
}

// row is one line of matrix.txt.
type row struct {
	method, path, query string
	letters             string
	kind, body          string
	shows               map[string]string // class of canary to the letters of the roles that may see it
	line                int
}

func (r row) String() string { return r.method + " " + r.path + r.query }
func (r row) key() string    { return r.method + " " + r.path }

// readMatrix reads the table; internal/app/matrix.txt says how it is written.
func readMatrix(t *testing.T) []row {
	t.Helper()
	raw, err := os.ReadFile("matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []row
	for i, text := range strings.Split(string(raw), "\n") {
		f := strings.Fields(text)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) < 3 || len(f[2]) != len(roles) || len(f) > 6 {
			t.Fatalf("matrix.txt:%d: want method, path, %d letters, record, body, shows: %s", i+1, len(roles), text)
		}
		for len(f) < 6 {
			f = append(f, "-")
		}
		r := row{method: f[0], letters: f[2], kind: f[3], body: f[4], shows: map[string]string{}, line: i + 1}
		r.path, r.query, _ = strings.Cut(f[1], "?")
		if r.query != "" {
			r.query = "?" + r.query
		}
		for _, s := range strings.Split(f[5], ",") {
			if class, who, ok := strings.Cut(s, ":"); ok {
				r.shows[class] = who
			}
		}
		out = append(out, r)
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out
}

// rank puts reading before writing, and what ends logins last.
func rank(r row) int {
	switch {
	case r.method == "GET", r.path == "/api/vault/reveal": // it reads, and later rows erase what it would read
		return 0
	case strings.HasPrefix(r.path, "/api/session"), strings.HasPrefix(r.path, "/api/password"), strings.HasPrefix(r.path, "/api/totp"), strings.HasPrefix(r.path, "/api/devices"):
		return 2
	}
	return 1
}

// matrix runs the table.
type matrix struct {
	*planted
	t            *testing.T
	bodies       *bodies
	scan         *scanner
	clients      map[byte]*client
	checks       int
	leaks, wrong int
	reported     map[string]bool
	quiet        bool // a control: what it finds was planted to be found
}

func newMatrix(t *testing.T, w *world) *matrix {
	t.Helper()
	m := &matrix{planted: plant(w), t: t, clients: map[byte]*client{}, reported: map[string]bool{}}
	m.scan = newScanner(m.canaries)
	m.bodies = newBodies(m.planted)
	for _, r := range roles {
		if c := m.login(r.letter, r.login); c != nil {
			m.clients[r.letter] = c
		}
	}
	return m
}

// login gives the client of a column; nil for a kind of credential this version does not have.
func (m *matrix) login(letter byte, username string) *client {
	switch letter {
	case 'P':
		return m.nobody()
	case 'T':
		token := m.as("admin").do("POST", "/api/accounts/"+m.ppl.Accounts[username].ID.String()+"/tokens", map[string]any{"label": "matrix", "days": 30}).want(200, 201).str("token")
		return &client{w: m.world, name: "token", bearer: "Bearer " + token}
	case 'X':
		if !m.serves("POST /api/devices") {
			return nil
		}
		secret := m.as(username).do("POST", "/api/devices", map[string]any{"id": newID(m.t), "name": "matrix"}).want(200, 201).str("secret")
		return &client{w: m.world, name: "device", bearer: "Device " + secret}
	}
	return m.as(username)
}

func (m *matrix) serves(key string) bool {
	for _, r := range m.app.Router.Routes() {
		if r.Method+" "+r.Path == key {
			return true
		}
	}
	return false
}

func (m *matrix) say(leak bool, format string, args ...any) {
	if leak {
		m.leaks++
	} else {
		m.wrong++
	}
	text := fmt.Sprintf(format, args...)
	if !m.quiet && !m.reported[text] && len(m.reported) < 200 {
		m.reported[text] = true
		m.t.Error(text)
	}
}

// TestMatrix asks every route as every role for its own, its sibling's, the county's and nobody's records, holds the
// answers to what matrix.txt says, and looks in all of them for people who may not be known.
func TestMatrix(t *testing.T) {
	w := openWorld(t, *matrixFull)
	m := newMatrix(t, w)
	rows := readMatrix(t)
	stated := map[string]bool{}
	for _, r := range rows {
		stated[r.key()] = true
		if !m.serves(r.key()) {
			m.say(false, "matrix.txt:%d: %s is no route of the product", r.line, r.key())
		}
	}
	for _, r := range w.app.Router.Routes() {
		if !stated[r.Method+" "+r.Path] {
			m.say(false, "%s %s stands not in matrix.txt: say there who may see what", r.Method, r.Path)
		}
	}
	for _, r := range rows {
		if m.serves(r.key()) {
			m.runRow(r)
		}
	}
	for _, f := range m.scan.scan("log", []byte(w.log.String())) {
		m.say(true, "leak: the log holds %s (%s)", f.canary, f.how)
	}
	m.checks++
	m.findsWhatIsPlanted(rows)
	fmt.Printf("matrix: routes=%d roles=%d checks=%d leaks=%d wrong=%d\n", len(stated), len(m.clients), m.checks, m.leaks, m.wrong)
}

func (m *matrix) runRow(r row) {
	for i, role := range roles {
		c, letter := m.clients[role.letter], r.letters[i]
		if c == nil {
			continue
		}
		ask := func(id string, variant ...string) *answer {
			return m.ask(c, r, role.letter, role.login, id, variant...)
		}
		own := m.idOf(r.kind, role.letter, "own")
		switch letter {
		case '+':
			m.reached(r, role.letter, "own", ask(own))
		case '-':
			a := ask(own)
			m.refused(r, role.letter, a)
			if strings.Contains(r.path, "{") { // T18 Oracle404: who may not ask at all does not learn what there is either
				m.alike(r, role.letter, "own", a, ask(absentLike(own)))
			}
		case 's':
			m.unsigned(r, role.letter, ask(own))
		case 'n', 'o', '*', 'c', 'q':
			absent := ask(absentLike(own))
			m.absent(r, role.letter, letter, absent)
			for _, place := range places {
				id := m.idOf(r.kind, role.letter, place)
				if id == "" {
					continue
				}
				a := ask(id)
				switch {
				case letter == '*' || letter != 'n' && place == "own":
					m.reached(r, role.letter, place, a)
				case letter == 'q':
					m.alike(r, role.letter, place, a, absent)
				case letter == 'c':
					m.untouched(r, role.letter, place, a)
				default:
					m.hidden(r, role.letter, place, a, absent)
				}
			}
		default:
			m.t.Fatalf("matrix.txt:%d: letter %c", r.line, letter)
		}
		if *matrixFull && letter != '-' && r.method == "GET" {
			for _, accept := range []string{"text/html", "application/cbor", "*/*"} {
				ask(own, "Accept", accept, "Accept-Encoding", "br")
			}
		}
		m.searchOracle(c, r, role.letter, letter)
	}
}

// idOf is the record of a kind in a place, in the role's own view where it has one. A kind that begins with = is the id itself.
func (m *matrix) idOf(kind string, letter byte, place string) string {
	if rest, ok := strings.CutPrefix(kind, "="); ok {
		return rest
	}
	if ids, ok := m.ids[kind+"@"+string(letter)]; ok {
		return ids[place]
	}
	return m.ids[kind][place]
}
