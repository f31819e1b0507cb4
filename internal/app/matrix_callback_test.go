package app_test

import "context"

// drawn puts the visits of both townships into a draw, as the turn of the month does.
func (p *planted) drawn() {
	p.t.Helper()
	owner, ctx := p.env.Owner, context.Background()
	if _, err := owner.Exec(ctx, `INSERT INTO callback_rounds (month, drawn_on, share, least) VALUES ('2020-01', '2020-02-01', 10, 1)`); err != nil {
		p.t.Fatal(err)
	}
	for place, visit := range p.ids["visit"] {
		id := newID(p.t)
		if _, err := owner.Exec(ctx, `INSERT INTO callbacks (id, month, visit_id, agency_id) SELECT $1, '2020-01', v.id, v.agency_id FROM visits v WHERE v.id = $2`, id, visit); err != nil {
			p.t.Fatal(err)
		}
		p.put("callback", place, id)
	}
}
