package complaint

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
)

func TestRefusalAndReopening(t *testing.T) {
	me := actor.Actor{ID: uuid.New(), Role: actor.Office, Name: "测试员甲", OfficeID: home}
	c, ev, err := ripe(Received, Refuse, me).Take(Refuse, me, full(me), noon)
	if err != nil || c.DueOn != "" || ev.Settle != "dismissed" || !strings.Contains(c.Answer, "复议") || c.AnsweredAt == nil {
		t.Fatalf("%+v %+v %v", c, ev, err)
	}
	c.LeadState = "dismissed"
	c, ev, err = c.Take(Reopen, me, full(me), noon)
	if err != nil || c.State != Accepted || !ev.RaiseAgain || c.Reopened != 1 || c.Ground != "" || c.DueRule != "DL02" || c.AnsweredAt != nil {
		t.Fatalf("%+v %+v %v", c, ev, err)
	}
	c, ev, err = ripe(Investigating, Recuse, me).Take(Recuse, me, full(me), noon)
	if err != nil || has(c.Investigators, me.ID) || !has(c.Recused, me.ID) || ev.RecusalOf != me.ID {
		t.Fatalf("%+v %+v %v", c, ev, err)
	}
	if c.handles(me) || !c.handles(second) {
		t.Error("who stood back still handles, or who stayed no longer does")
	}
}

// Nobody in conflict has a deed left but to stand back: every deed, in every state it may be done in, by everyone who may do it.
func TestConflictKeepsOffEveryDeed(t *testing.T) {
	conflicts := []struct {
		name string
		make func(*Case, actor.Actor)
		left func(Deed, actor.Actor) bool
	}{
		{"stood back", func(c *Case, who actor.Actor) { c.Recused = []uuid.UUID{who.ID} }, func(Deed, actor.Actor) bool { return false }},
		{"is named", func(c *Case, who actor.Actor) { c.Officer = who.Name }, func(d Deed, _ actor.Actor) bool { return d == Recuse }},
		{"his own office", func(c *Case, _ actor.Actor) { c.About, c.AboutOfficeID = AboutOffice, home }, func(d Deed, who actor.Actor) bool { return d == Recuse || who.Role != actor.Office }},
		{"the bureau", func(c *Case, _ actor.Actor) { c.About = AboutBureau }, func(d Deed, who actor.Actor) bool {
			return d == Recuse || who.Role == actor.County && (d == Transfer || d == Press || d == Outcome)
		}},
	}
	n := 0
	for _, s := range steps {
		for _, from := range s.From {
			for _, role := range s.Who {
				for _, one := range conflicts {
					who := actor.Actor{ID: uuid.New(), Role: role, Name: "测试员甲"}
					if role == actor.Office {
						who.OfficeID = home
					}
					c := ripe(from, s.Deed, who)
					one.make(&c, who)
					left := one.left(s.Deed, who) || role == actor.Hotline
					if _, _, err := c.Take(s.Deed, who, full(who), noon); (err == nil) != left {
						t.Errorf("%s × %s × %s, %s: %v", from, s.Deed, role, one.name, err)
					}
					n++
				}
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d looked at", n)
	}
}

// What triage set aside can be found true only over a new lead, which appointing once more raises.
func TestAppointedAnewRaisesTheLeadAgain(t *testing.T) {
	me := actor.Actor{ID: uuid.New(), Role: actor.Office, Name: "测试员甲", OfficeID: home}
	for state, want := range map[string]bool{"dismissed": true, "referred": true, "open": false, "registered": false} {
		c := ripe(Investigating, Assign, me)
		c.LeadState = state
		if _, ev, err := c.Take(Assign, me, full(me), noon); err != nil || ev.RaiseAgain != want {
			t.Errorf("%s: %v %v", state, ev.RaiseAgain, err)
		}
	}
}
