package main

import (
	"context"
	"fmt"
	"time"
)

// diagnose tells, before the bed is cleared away, where a phone's requests stand still: which line answers how fast, and
// what the database is busy with. A record that never arrives would otherwise leave nothing to look at.
func (s *storm) diagnose(ctx context.Context, p *phone) {
	for _, way := range []struct {
		name string
		port int
	}{{"its own line", portPhones + p.index}, {"the front", portFront}, {"instance 0", portApp}, {"instance 1", portApp + 1}} {
		l, began := line{addr: addrOf(way.port)}, time.Now()
		res, err := l.ask(ctx, request{method: "GET", path: "/readyz"})
		l.drop()
		status := 0
		if err == nil {
			status = res.status
		}
		s.say("phone %d: /readyz over %s: %d in %s (%v)", p.index, way.name, status, time.Since(began).Round(time.Millisecond), err)
	}
	var busy []struct {
		PID   int    `db:"pid"`
		State string `db:"state"`
		Wait  string `db:"wait"`
		By    string `db:"blocked_by"`
		Age   string `db:"age"`
		Query string `db:"query"`
	}
	const q = `SELECT pid, COALESCE(state, '') AS state, COALESCE(wait_event_type || '/' || wait_event, '') AS wait, array_to_string(pg_blocking_pids(pid), ' ') AS blocked_by,
		COALESCE((clock_timestamp() - xact_start)::text, '') AS age, left(regexp_replace(query, '\s+', ' ', 'g'), 160) AS query
		FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`
	if err := s.bed.owner.Select(ctx, &busy, q); err != nil {
		s.say("phone %d: the database does not say what it does: %v", p.index, err)
		return
	}
	for _, b := range busy {
		s.say("database: %s", fmt.Sprintf("%d %s %s blocked by [%s] since %s: %s", b.PID, b.State, b.Wait, b.By, b.Age, b.Query))
	}
}
