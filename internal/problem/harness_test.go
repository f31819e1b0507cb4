package problem_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/platform/db"
	"suixing/internal/problem"
	"suixing/internal/worldtest"
)

// town is the register in a county of two townships.
type town struct {
	*worldtest.World
	problems *problem.Service
}

type object = worldtest.Object

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{World: worldtest.New(t)}
	w.Person("county2", actor.Actor{Role: actor.County})
	w.Person("colleague", actor.Actor{Role: actor.Office, OfficeID: worldtest.Some(w.Office1)})
	w.problems = problem.New(w.Env.DB, w.Env.Clock.Now, w.Deadlines, w.Evidence)
	w.Base, _ = w.Serve(w.Deadlines, w.Evidence, w.problems)
	return w
}

// deed does a deed of the life-cycle, read reads an address to the byte.
func (w *town) deed(code int, who, id, deed string, body object) object {
	w.Helper()
	return w.Deed(code, who, "problems", id, deed, body)
}

func (w *town) read(who, path string) (int, []byte) {
	w.Helper()
	a := w.Raw(who, "GET", path, "", nil)
	return a.Code, []byte(a.Body)
}

// register enters a problem as who, through the service.
func (w *town) register(who string, change func(*problem.Registration)) string {
	w.Helper()
	a := w.People[who]
	in := problem.Registration{OfficeID: worldtest.Some(w.Office1), AgencyID: w.Agency1, Origin: "visit", Severity: problem.General, Category: "disturbance", Tag: "T11",
		Fact: "2026年5月6日上午，示例镇A综合执法大队三人对示例制造公司检查，要求两条生产线停机约两小时", Basis: "国办发〔2024〕54号", FoundOn: deadline.DayOf(w.Env.Clock.Now()),
		ReporterID: a.Account()}
	if change != nil {
		change(&in)
	}
	var id uuid.UUID
	w.Must(w.Env.DB.InTx(context.Background(), func(tx *db.DB) (err error) {
		id, _, err = w.problems.Register(context.Background(), tx, a, in)
		return err
	}))
	return id.String()
}

const agencyText = "5月上旬一次安全检查中，要求企业停机接受询问约两小时，检查通知书未载明停机事项。"

// ordered is a problem under an FBK served today.
func (w *town) ordered(who string, change func(*problem.Registration)) string {
	w.Helper()
	id := w.register(who, change)
	w.deed(200, who, id, "deidentify", object{"text": agencyText})
	const note = "规范检查通知书，写明需要停机的事项和理由"
	if o := w.Want(200, who, "GET", "/api/problems/"+id, nil); o["release"] != nil { // a voice, and nobody else was inspected
		w.deed(200, who, id, "queue", object{"rung": "FBK", "note": note})
		w.deed(200, "leader", id, "hasten", object{"urgent_reason": "企业正在停产，不能等到统一发出"})
		return id
	}
	w.deed(200, who, id, "order", object{"rung": "FBK", "served_on": string(deadline.DayOf(w.Env.Clock.Now())), "note": note})
	return id
}
