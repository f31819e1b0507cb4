package feedback

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
)

// Answers written by others than the business (疑似代评) give themselves away by where they come from: one phone for many
// visits, one office's network, faster than anyone reads. Where an answer came from is kept for a day, as keyed hashes in
// sealed boxes beside no answer; what stays is one flag, for the county, and nothing is dropped.

// arrival is an answer that has just been kept, in memory until the next judgement.
type arrival struct {
	id                     uuid.UUID
	at                     time.Time
	address, agent, device string
	open                   time.Duration
}

// trace is what is known of an arrival for a day.
type trace struct {
	ID     uuid.UUID `json:"i"`
	Ticket uuid.UUID `json:"t"`
	Agency uuid.UUID `json:"a"`
	Holder uuid.UUID `json:"h"` // whose phone carried the ticket
	At     int64     `json:"s"` // unix seconds
	Net    string    `json:"n"`
	Agent  string    `json:"g"`
	Device string    `json:"d,omitempty"`
	Open   int       `json:"o,omitempty"` // seconds from opening the form to sending it; 0 unknown
	Top    bool      `json:"b,omitempty"` // everything at its best, and not a word
	First  bool      `json:"f,omitempty"` // the answer that counts; a later one stands beside it
	Mark   int       `json:"m,omitempty"` // R0
	Facts  string    `json:"q,omitempty"` // F1 to F10: y, n, u, -
}

// watcher queues arrivals and remembers the day's traces.
type watcher struct {
	queue chan arrival
	mu    sync.Mutex // one judgement at a time
	seen  map[uuid.UUID]bool
	day   []trace
	due   []uuid.UUID // to be flagged
	last  int64
}

func newWatcher() *watcher {
	return &watcher{queue: make(chan arrival, 4096), seen: map[uuid.UUID]bool{}}
}

const deviceCookie = "sxd"

// meet gives the phone a random mark for a day, so that one phone answering for many shops is known as one.
func (s *Service) meet(c *fiber.Ctx) {
	if len(c.Cookies(deviceCookie)) == 16 {
		return
	}
	b := make([]byte, 12)
	if _, err := rand.Read(b); err == nil {
		s.setCookie(c, deviceCookie, base64.RawURLEncoding.EncodeToString(b), deviceFor)
	}
}

// watch hands an arrival to the next judgement. It costs the answer nothing: no statement, no waiting, and when the queue
// is full no signal.
func (s *Service) watch(c *fiber.Ctx, p pass, form *door.Form, r *Receipt) {
	if r.id == uuid.Nil {
		return
	}
	select {
	case s.watcher.queue <- arrival{r.id, s.now(), web.Address(c.UserContext()), c.Get(fiber.HeaderUserAgent), c.Cookies(deviceCookie), s.openFor(form.Values.Get("o"), p.hash)}:
	default:
	}
}

// Judge looks at what has arrived since the last time, beside everything of the day, and flags what others may have
// written: the new ones, and those before them that now show the same hand.
func (s *Service) Judge(ctx context.Context) error {
	w := s.watcher
	w.mu.Lock()
	defer w.mu.Unlock()
	fresh, err := s.traces(ctx, w.drain())
	if err != nil {
		return err
	}
	if err := s.keepTraces(ctx, fresh); err != nil {
		return err
	}
	unseen, err := s.loadTraces(ctx)
	if err != nil {
		return err
	}
	w.day = recent(w.day, s.now())
	w.due = append(w.due, judge(w.day, unseen)...)
	if len(w.due) == 0 {
		return nil
	}
	if err := flagAnswers(ctx, s.db, w.due); err != nil {
		return err // they stay due
	}
	w.due = nil
	return nil
}

func (w *watcher) drain() (out []arrival) {
	for len(out) < cap(w.queue) {
		select {
		case a := <-w.queue:
			out = append(out, a)
		default:
			return out
		}
	}
	return out
}

// recent leaves out what is older than a day.
func recent(day []trace, now time.Time) []trace {
	out := day[:0]
	for _, t := range day {
		if now.Unix()-t.At < int64(window/time.Second) {
			out = append(out, t)
		}
	}
	return out
}

// traces finds out what answers are about, and hashes where they came from.
func (s *Service) traces(ctx context.Context, in []arrival) ([]trace, error) {
	if len(in) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(in))
	for i, a := range in {
		ids[i] = a.id
	}
	about, err := answersAbout(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	out := make([]trace, 0, len(in))
	for _, a := range in {
		t, ok := about[a.id]
		if !ok {
			continue
		}
		t.At, t.Open = a.at.Unix(), int(a.open/time.Second)
		t.Net, t.Agent = s.mark("net", door.Network(a.address)), s.mark("agent", a.agent)
		if a.device != "" {
			t.Device = s.mark("device", a.device)
		}
		out = append(out, t)
	}
	return out, nil
}

func (s *Service) mark(kind, what string) string {
	return hex.EncodeToString(s.keys.Derive("trace "+kind, []byte(what))[:8])
}

func (s *Service) keepTraces(ctx context.Context, list []trace) error {
	if len(list) == 0 {
		return nil
	}
	boxes := make([][]byte, 0, len(list))
	for _, t := range list {
		raw, err := json.Marshal(t)
		if err != nil {
			return err
		}
		box, err := s.keys.Pack("trace", raw, s.now().Add(window))
		if err != nil {
			return err
		}
		boxes = append(boxes, []byte(box))
	}
	return insertTraces(ctx, s.db, door.Hour(s.now()), boxes)
}

// loadTraces reads what this server has not seen yet, its own and other servers'.
func (s *Service) loadTraces(ctx context.Context) (unseen []trace, err error) {
	w := s.watcher
	rows, err := tracesSince(ctx, s.db, w.last)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		w.last = r.N
		raw, ok := s.keys.Unpack("trace", string(r.Box), s.now())
		var t trace
		if !ok || json.Unmarshal(raw, &t) != nil || w.seen[t.ID] {
			continue
		}
		w.seen[t.ID] = true
		w.day, unseen = append(w.day, t), append(unseen, t)
	}
	return unseen, nil
}

// SweepTraces deletes what is older than a day, here and in the table.
func (s *Service) SweepTraces(ctx context.Context) error {
	w := s.watcher
	w.mu.Lock()
	w.day = recent(w.day, s.now())
	w.seen = map[uuid.UUID]bool{}
	for _, t := range w.day {
		w.seen[t.ID] = true
	}
	w.mu.Unlock()
	n, err := deleteTraces(ctx, s.db, s.now().Add(-window))
	if n > 0 {
		slog.DebugContext(ctx, "traces of answers deleted", "count", n)
	}
	return err
}
