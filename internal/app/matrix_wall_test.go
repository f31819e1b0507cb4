package app_test

import "net/http"

// atTheWall is an answer by wall code that waits for a look: the wall had its day's share, and the sender had no script.
func (p *planted) atTheWall(place string, agency string, desk *client) {
	fresh := p.fresh(desk, "/api/feedback?channel=wall")
	path := "/w/" + p.ids["wallcode"][place]
	v := happy()
	v.Del("P1")
	for k, w := range map[string]string{"agency": agency, "day": p.day(0)[:8] + "01", "matter": "food"} {
		v.Set(k, w)
	}
	shop := p.nobody()
	for n := 0; ; n++ { // until it asks for work
		v.Set("n", newID(p.t))
		if a := shop.do("POST", path, []byte(v.Encode()), "Content-Type", "application/x-www-form-urlencoded"); a.status != http.StatusSeeOther {
			break
		}
		if n > 200 {
			p.t.Fatal("the wall never has its share")
		}
	}
	v.Set("F7", "y")
	v.Set("R0", "1")
	v.Set("O1", speak(place))
	v.Set("pow_plain", "y")
	kinds := []string{"wallanswer", "wallanswer@O", "wallanswer@T"} // one for each who may let it out: it leaves but once
	for range kinds {
		v.Set("n", newID(p.t))
		shop.do("POST", path, []byte(v.Encode()), "Content-Type", "application/x-www-form-urlencoded").want(http.StatusSeeOther)
	}
	for _, f := range fresh() {
		if f["quarantined"] == true && len(kinds) > 0 {
			p.put(kinds[0], place, f["id"].(string))
			kinds = kinds[1:]
		}
	}
	if len(kinds) > 0 {
		p.t.Fatalf("nothing waits for a look of %v", kinds)
	}
}

// rated is a visit that the office's own account stood beside, and what the business said of it: to be seen by others.
func (p *planted) rated() {
	leads := p.fresh(p.as("county"), "/api/leads")
	own := p.as("office")
	sheet := p.sealAt(own, 0, "F02")
	own.do("PUT", "/api/sheets/"+sheet.sheetID, sheet.raw, "Content-Type", "application/json").want(201)
	p.answers("rated", sheet, p.as("county"))
	p.put("ratedanswer", "own", p.ids["feedback"]["rated"])
	for _, l := range leads() {
		if l["origin"] == "feedback" {
			p.put("ratedlead", "own", l["id"].(string))
		}
	}
}
