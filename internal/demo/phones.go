package demo

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/platform/clock"
	"suixing/internal/platform/web"
	"suixing/internal/visit"
)

// phones are what the radar shows: a phone in a valley that still holds a record, and one that reported two records
// three days ago and knows nothing of them since, which is an alarm.
func (m *maker) phones(ctx context.Context) error {
	who := m.ppl.Accounts["supervisor2"]
	yes := true
	first := visit.Report{DeviceID: id(), Epoch: id().String(), AppVersion: "0.1.0", Persisted: &yes, Installed: true, Photos: 2, Items: []visit.ReportItem{}}
	lost := visit.Report{DeviceID: id(), Epoch: id().String(), AppVersion: "0.1.0", Photos: 6, Items: []visit.ReportItem{}}
	first.Items = append(first.Items, m.held(-1, 5, 2))
	lost.Items = append(lost.Items, m.held(-4, 3, 3), m.held(-4, 3, 3))
	wiped := lost
	wiped.Items, wiped.Photos, wiped.Epoch = []visit.ReportItem{}, 0, id().String()
	for _, r := range []struct {
		name string
		at   time.Time
		said visit.Report
	}{{"旧手机", m.on(-4, 17), lost}, {"", m.on(-3, 9), wiped}, {"安卓手机", m.on(-1, 16), first}} {
		m.clock.Set(r.at)
		if r.name != "" {
			if _, _, err := m.app.Account.Enrol(ctx, who, "", r.said.DeviceID, r.name); err != nil {
				return err
			}
		}
		r.said.At = r.at
		r.said.Receipts, r.said.Discarded = []visit.ReportReceipt{}, []visit.ReportDiscards{}
		if _, err := m.app.Visit.Contact(ctx, who, web.Session{}, r.said); err != nil {
			return err
		}
	}
	m.clock.Set(m.today)
	return nil
}

// held is a sealed record that a phone says it holds, with here of its photos still to be sent.
func (m *maker) held(days, photos, here int) visit.ReportItem {
	at := m.on(days, 15)
	return visit.ReportItem{ID: id(), Kind: "sheet", VisitID: uuid.Must(uuid.NewV7()), Day: clock.Day(at), Version: 1, Photos: photos, PhotosHere: here,
		Bytes: int64(here) * 380_000, CreatedAt: at, State: "waiting", Why: "nobody"}
}
