package web

import (
	"strings"

	"suixing/internal/actor"
)

// Who says who may call a route. Row scope is the store's, in the WHERE clause.
type Who struct {
	roles  []actor.Role
	public bool
	// limited accounts (first login, second factor due) may call it too
	limited bool
}

// Anyone needs no login. SignedIn is every account.
var (
	Anyone   = Who{public: true}
	SignedIn = Who{}
)

// Roles allows accounts of these roles.
func Roles(roles ...actor.Role) Who { return Who{roles: roles} }

// EvenLimited allows accounts that must first change a password or set up a second factor.
func (w Who) EvenLimited() Who { w.limited = true; return w }

func (w Who) allows(a actor.Actor) bool {
	if w.public {
		return true
	}
	if a.Role == actor.PublicRole || a.Role == "" {
		return false
	}
	return len(w.roles) == 0 || a.Is(w.roles...)
}

// String is how the golden route list writes it.
func (w Who) String() string {
	s := "signed-in"
	switch {
	case w.public:
		return "anyone"
	case len(w.roles) > 0:
		names := make([]string, len(w.roles))
		for i, r := range w.roles {
			names[i] = string(r)
		}
		s = strings.Join(names, " ")
	}
	if w.limited {
		s += " (even limited)"
	}
	return s
}
