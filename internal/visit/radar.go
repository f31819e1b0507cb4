package visit

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Why something is suspected to be lost (疑似丢失).
const (
	Dropped  = "dropped"  // reported before, and gone without a receipt
	Wiped    = "wiped"    // the database on the phone is another one
	Replaced = "replaced" // the person has a new phone while an old one holds records and is silent
	// A browser that throws its data away takes the phone's id along: what comes back is a new phone of the same make.
)

// silentAfter is how long a phone that holds records must have been silent before a newer phone of the same person makes
// that suspicious: a phone speaks only while the app is open.
const silentAfter = 24 * time.Hour

// mixedUp is within what time an older report may overtake a newer one on its way. Further back it is the phone's clock
// that was set.
const mixedUp = 10 * time.Minute

// Out is a record that is still on a phone, as the office's radar knows it.
type Out struct {
	ID      uuid.UUID `db:"id" json:"id"`
	Kind    string    `db:"kind" json:"kind"`
	VisitID uuid.UUID `db:"visit_id" json:"visit_id"`
	Day     string    `db:"day" json:"day"`
	Version int       `db:"version" json:"version"`
	Photos  int       `db:"photos" json:"photos"`
}

// ids is a set.
type ids map[uuid.UUID]bool

func setOf(list ...uuid.UUID) ids {
	s := ids{}
	for _, id := range list {
		s[id] = true
	}
	return s
}

// accounted is everything that explains why a record is no longer reported.
type accounted struct {
	reported  ids // by this phone now, or by another of the same person
	receipted ids // the phone holds a receipt
	received  ids // the server holds it, complete
	discarded ids // the person gave it up, and said so
	// sole is the one phone by whose word alone it is reported, and not in this report: no word for what that phone lost.
	sole map[uuid.UUID]uuid.UUID
}

func (a accounted) explains(id uuid.UUID) bool {
	return a.reported[id] || a.receipted[id] || a.received[id] || a.discarded[id]
}

// beside is explains without the word of a phone that may have lost it.
func (a accounted) beside(id, device uuid.UUID) bool {
	return a.receipted[id] || a.received[id] || a.discarded[id] || a.reported[id] && (device == uuid.Nil || a.sole[id] != device)
}

// lost finds what a phone reported before and nothing explains the absence of; cause tells whether its database is another
// one. Pure.
func lost(before []Out, sameEpoch bool, a accounted) (gone []Out, cause string) {
	for _, o := range before {
		if !a.explains(o.ID) {
			gone = append(gone, o)
		}
	}
	if len(gone) == 0 {
		return nil, ""
	}
	if sameEpoch {
		return gone, Dropped
	}
	return gone, Wiped
}

// mute is another phone of the same person.
type mute struct {
	DeviceID uuid.UUID
	SeenAt   time.Time
	Alarmed  bool // for this silence already
	SameMake bool // as the phone that speaks now: most likely the very same one, emptied
	Out      []Out
}

// replaced tells whether a phone that first spoke at newFirst gives reason to worry about what an older one holds: at once
// if it is of the same make, for then it is most likely the same one without its data; after a silence if not. Pure.
func replaced(old mute, newFirst, now time.Time, a accounted) []Out {
	if old.Alarmed || !newFirst.After(old.SeenAt) || !old.SameMake && now.Sub(old.SeenAt) < silentAfter {
		return nil
	}
	var gone []Out
	for _, o := range old.Out {
		if !a.beside(o.ID, old.DeviceID) {
			gone = append(gone, o)
		}
	}
	return gone
}

// overtaken tells whether a report was sent before the one that is known already. Pure.
func overtaken(sameEpoch bool, known, said time.Time) bool {
	return sameEpoch && said.Before(known) && known.Sub(said) < mixedUp
}

// found tells whether everything that a phone was missing has turned up. Pure.
func found(missing []Out, device uuid.UUID, a accounted) bool {
	return !slices.ContainsFunc(missing, func(o Out) bool { return !a.beside(o.ID, device) })
}
