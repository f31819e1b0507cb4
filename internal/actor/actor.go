// Package actor says who acts: a person with a role and a place, the public, or the system itself.
package actor

import "github.com/google/uuid"

// Role is what a person is in the county (DOMAIN A). The public has no account.
type Role string

// The roles. Wire and database use the same words.
const (
	County     Role = "county"     // R1: the county's supervising body
	Leader     Role = "leader"     // R2: approves
	Office     Role = "office"     // R3: a township's judicial office
	Supervisor Role = "supervisor" // R4: goes along, records
	Agency     Role = "agency"     // R5: the enforcement agency supervised
	Hotline    Role = "hotline"    // takes calls
	Admin      Role = "admin"      // accounts and settings, no case data
	Auditor    Role = "auditor"    // reads the trail
	PublicRole Role = "public"     // no account
	SystemRole Role = "system"     // jobs and rules, no person
)

// Roles are those an account can have, in the order of DESIGN section 3.
var Roles = []Role{County, Leader, Office, Supervisor, Agency, Hotline, Admin, Auditor}

// Actor is who stands behind a request. The zero value may do nothing.
type Actor struct {
	ID       uuid.UUID
	Role     Role
	Name     string
	OfficeID uuid.NullUUID // office and supervisor
	AgencyID uuid.NullUUID // agency
	// Certified: holds a valid supervision certificate (监督证), the condition of 当场制止.
	Certified bool
}

// Public acts for anyone without an account; System for jobs and automatic rules.
var (
	Public = Actor{Role: PublicRole}
	System = Actor{Role: SystemRole}
)

// Is tells whether the actor has one of the roles.
func (a Actor) Is(roles ...Role) bool {
	for _, r := range roles {
		if a.Role == r {
			return true
		}
	}
	return false
}

// SeesCounty tells whether the actor's scope is the whole county's case data.
func (a Actor) SeesCounty() bool { return a.Is(County, Leader, SystemRole) }

// Account is the actor's account id, null for the public and the system.
func (a Actor) Account() uuid.NullUUID {
	return uuid.NullUUID{UUID: a.ID, Valid: a.ID != uuid.Nil}
}
