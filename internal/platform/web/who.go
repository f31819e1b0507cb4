package web

import (
	"strings"

	"suixing/internal/actor"
	"suixing/internal/fault"
)

// Who says who may call a route. Row scope is the store's, in the WHERE clause.
type Who struct {
	roles  []actor.Role
	public bool
	// limited accounts (first login, second factor due) may call it too
	limited bool
	device  deviceAccess
}

// deviceAccess is what a device credential may do at a route.
type deviceAccess int

const (
	noDevice   deviceAccess = iota
	mayDevice               // one in good standing
	heldDevice              // also one whose work is held back: the handler sees to that
)

func (d deviceAccess) admits(s Session) error {
	switch {
	case s.Kind != KindDevice || d == heldDevice || d == mayDevice && s.Held == "":
		return nil
	case d == mayDevice:
		return fault.New(fault.Forbidden, s.Held, "这部手机已挂失，或者账号已经停用，这一项没有办理。请联系司法所。")
	}
	return fault.New(fault.Forbidden, "device_only", "登录已过期。这部手机现在只能把封存好的记录送出去；要查看和办理，请重新登录。")
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

// OrDevice lets a phone's device credential call it, which can only submit.
func (w Who) OrDevice() Who { w.device = mayDevice; return w }

// OrHeldDevice lets a device credential call it even if what it submits is to be held back.
func (w Who) OrHeldDevice() Who { w.device = heldDevice; return w }

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
	if w.device != noDevice {
		s += " (or device)"
	}
	return s
}
