package complaint

import (
	"bytes"
	"context"
	"net/url"
	"regexp"
	"testing"

	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
	"suixing/internal/worldtest"
)

// world is the feature in a county of two townships.
type world struct {
	*worldtest.World
	s       *Service
	all     []web.Route
	foreign door.Status // what the other feature says of its one receipt
}

type answer = worldtest.Answer

var with, picture, visible = worldtest.With, worldtest.Picture, worldtest.Visible

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worldtest.New(t)}
	w.s = New(w.Env.DB, w.Env.Clock.Now, Parts{Vault: w.Identities, Secret: bytes.Repeat([]byte{7}, 32), Evidence: w.Evidence, Deadlines: w.Deadlines,
		Feedback: func(_ context.Context, code string) (door.Status, bool, error) {
			return w.foreign, code == "FFFFFFFFFFFFFFFF", nil
		}})
	base, r := w.Serve(w.s, w.Identities)
	w.Base, w.all = base, r.Routes()
	return w
}

// good is a complaint without a name. Each has the random number that its form came with.
func (w *world) good() url.Values {
	w.Helper()
	nonce := regexp.MustCompile(`name="nonce" value="([0-9a-f]{32})"`).FindStringSubmatch(w.Get("/c").Body)
	if nonce == nil {
		w.Fatal("the form carries no number of its own")
	}
	return url.Values{"nonce": {nonce[1]}, "website": {""}, "unit": {"示例镇A综合执法大队"}, "day": {"2026-05-05"}, "place": {"示例镇东街"},
		"fact": {"两个人进店没有出示证件，拿走两箱货没有写单子。"}, "ask": {"退货"}, "stage": {"none"}, "P1": {"n"}}
}
