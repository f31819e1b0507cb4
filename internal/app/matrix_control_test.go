package app_test

import (
	"context"
	"encoding/base64"
	"strings"
)

// findsWhatIsPlanted is the control of the matrix: a gate is one only if it can fail. A name, a telephone number under
// base64 and another's identity number stand for a moment where the agency reads, and each must be found, by the same rows and the same
// eyes as everything else.
func (m *matrix) findsWhatIsPlanted(rows []row) {
	speaker, id := spoken["own"][0], m.ids["problem"]["own"]
	write := func(q string, args ...any) {
		if _, err := m.env.Owner.Exec(context.Background(), q, args...); err != nil {
			m.t.Fatal(err)
		}
	}
	var text string
	if err := m.env.Owner.Get(context.Background(), &text, `SELECT agency_text FROM problems WHERE id = $1`, id); err != nil {
		m.t.Fatal(err)
	}
	for what, planted := range map[string]string{"a name": speaker.name, "a telephone number in base64": base64.StdEncoding.EncodeToString([]byte("电话" + speaker.phone)),
		"an identity number in parts": speaker.id[:6] + " " + speaker.id[6:14] + " " + speaker.id[14:]} {
		write(`UPDATE problems SET agency_text = $2 WHERE id = $1`, id, text+planted)
		control := *m
		control.quiet, control.leaks, control.wrong = true, 0, 0
		for _, r := range rows {
			if r.key() == "GET /api/problems/{id}" || r.key() == "GET /api/problems.xlsx" {
				i := strings.IndexByte("CLOSAHDUPTX", 'A')
				control.inspect(r, 'A', control.ask(m.clients['A'], r, 'A', roles[i].login, id))
			}
		}
		m.checks++
		if control.leaks == 0 {
			m.say(false, "the matrix does not find %s that was planted for the agency", what)
		}
	}
	write(`UPDATE problems SET agency_text = $2 WHERE id = $1`, id, text)
}
