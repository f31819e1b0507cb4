package lead_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/lead"
	"suixing/internal/platform/db"
	"suixing/internal/problem"
	"suixing/internal/worldtest"
)

// town is triage and the register in a county of two townships.
type town struct {
	*worldtest.World
	problems *problem.Service
	leads    *lead.Service
}

type object = worldtest.Object

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{World: worldtest.New(t)}
	w.Person("county2", actor.Actor{Role: actor.County})
	w.Person("colleague", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	w.problems = problem.New(w.Env.DB, w.Env.Clock.Now, w.Deadlines, w.Evidence)
	w.leads = lead.New(w.Env.DB, w.Env.Clock.Now, w.problems, w.Evidence)
	w.Base, _ = w.Serve(w.Deadlines, w.Evidence, w.problems, w.leads)
	return w
}

// deed does a deed to a problem, decide one of triage.
func (w *town) deed(code int, who, id, deed string, body object) object {
	w.Helper()
	return w.Deed(code, who, "problems", id, deed, body)
}

func (w *town) decide(code int, who, id, deed string, body object) object {
	w.Helper()
	return w.Deed(code, who, "leads", id, deed, body)
}

// seen raises a lead as a visit does, in a transaction of its own.
func (w *town) seen(visit uuid.UUID, change func(*lead.Input)) string {
	w.Helper()
	in := lead.Input{Origin: "visit", OriginID: visit, Item: "C01", OfficeID: w.Office1, AgencyID: w.Agency1, Severity: problem.General, Category: "procedure",
		Fact: "不符合“主动出示执法证件”：两名执法人员进店后直接查看后厨", HappenedOn: string(deadline.DayOf(w.Env.Clock.Now())), ReporterID: w.People["supervisor"].ID}
	if change != nil {
		change(&in)
	}
	var id uuid.UUID
	w.Must(w.Env.DB.InTx(context.Background(), func(tx *db.DB) (err error) {
		id, err = w.leads.Raise(context.Background(), tx, w.People["supervisor"], in)
		return err
	}))
	return id.String()
}

func (w *town) registration() object {
	return object{"severity": "general", "category": "procedure", "tag": "T12", "nature": "improper", "fact": "进店检查未主动出示执法证", "basis": "《河南省行政执法条例》第二十四条", "agency_id": w.Agency1}
}
