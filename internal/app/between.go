package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/lead"
	"suixing/internal/platform/db"
	"suixing/internal/visit"
)

// raiseLead lets an arriving visit raise a lead in its own transaction; a red line is registered at once.
func (a *App) raiseLead(ctx context.Context, tx *db.DB, who actor.Actor, in visit.LeadInput) (uuid.UUID, error) {
	return a.Lead.Raise(ctx, tx, who, lead.Input{
		Origin: in.Origin, OriginID: in.OriginID, Item: in.Item, OfficeID: in.OfficeID, AgencyID: in.AgencyID, Severity: in.Severity,
		Category: in.Category, Fact: in.Fact, HappenedOn: in.HappenedOn, ReporterID: in.ReporterID, Photos: in.Photos,
	})
}

func (a *App) handOverVisits(ctx context.Context, tx *db.DB, from, to uuid.UUID, _ time.Time) (int, error) {
	return a.Visit.HandOver(ctx, tx, actor.System, from, uuid.NullUUID{UUID: to, Valid: to != uuid.Nil})
}

func (a *App) handOverProblems(ctx context.Context, tx *db.DB, from, to uuid.UUID, at time.Time) (int, error) {
	return a.Problem.HandOver(ctx, tx, actor.System, from, uuid.NullUUID{UUID: to, Valid: to != uuid.Nil}, at)
}

func (a *App) handOverComplaints(ctx context.Context, tx *db.DB, from, to uuid.UUID, at time.Time) (int, error) {
	return a.Complaint.HandOver(ctx, tx, actor.System, from, uuid.NullUUID{UUID: to, Valid: to != uuid.Nil}, at)
}
