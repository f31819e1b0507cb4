package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
)

// The faults of the machines, each healed before the next. True when it was truly done.
// The backup and its restore come once each, see weather.
var gales = map[string]func(context.Context, *storm, *rand.Rand) (bool, error){
	"app.kill": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		i := r.IntN(2)
		s.bed.apps[i].end(syscall.SIGKILL)
		pause(ctx, short(r))
		return true, s.bed.appUp(ctx, i)
	},
	"app.kill_both": func(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) {
		s.bed.apps[0].end(syscall.SIGKILL)
		s.bed.apps[1].end(syscall.SIGKILL)
		if err := s.bed.appUp(ctx, 0); err != nil {
			return true, err
		}
		return true, s.bed.appUp(ctx, 1)
	},
	"app.pause": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		return frozen(ctx, &s.bed.apps[r.IntN(2)], s.freeze("app.pause", r)), nil
	},
	"app.rolling_restart": func(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) {
		for i := range s.bed.apps {
			s.bed.apps[i].end(syscall.SIGTERM)
			if err := s.bed.appUp(ctx, i); err != nil {
				return true, err
			}
		}
		return true, nil
	},
	"db.kill": func(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) {
		s.bed.pg.end(syscall.SIGKILL)
		return true, s.bed.pg.up(ctx)
	},
	"db.immediate_stop": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		s.bed.pg.signalOne(syscall.SIGQUIT)
		<-s.bed.pg.done
		pause(ctx, short(r))
		return true, s.bed.pg.up(ctx)
	},
	"db.restart": func(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) {
		s.bed.pg.end(syscall.SIGINT)
		return true, s.bed.pg.up(ctx)
	},
	"db.pause": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		return frozen(ctx, &s.bed.pg.proc, s.freeze("db.pause", r)), nil
	},
	"db.terminate": terminate,
	"db.line_cut": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		return severed(ctx, s, lineDB, short(r))
	},
	"db.line_limit": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		stream := []string{"upstream", "downstream"}[r.IntN(2)] // downstream: COMMIT has been sent, its answer is lost
		return spoilt(ctx, s, lineDB, "limit_data", stream, map[string]any{"bytes": 500 + r.IntN(12_000)}, short(r))
	},
	"db.slow": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		return spoilt(ctx, s, lineDB, "latency", "downstream", map[string]any{"latency": 40, "jitter": 40}, long(r))
	},
	"db.full": func(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) { return s.full(ctx, "pg", "postgres") },
	"store.kill": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		s.bed.minio.end(syscall.SIGKILL)
		pause(ctx, short(r))
		return true, s.bed.storeUp(ctx)
	},
	"store.pause": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		return frozen(ctx, &s.bed.minio, s.freeze("store.pause", r)), nil
	},
	"store.line_cut": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		return severed(ctx, s, lineStore, long(r))
	},
	"store.line_limit": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		stream := []string{"upstream", "downstream"}[r.IntN(2)]
		return spoilt(ctx, s, lineStore, "limit_data", stream, map[string]any{"bytes": 100 + r.IntN(6000)}, short(r))
	},
	"store.slow": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		return spoilt(ctx, s, lineStore, "latency", "upstream", map[string]any{"latency": 300, "jitter": 200}, long(r))
	},
	"store.full": func(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) { return s.full(ctx, "store", "minio") },
	"sessions.ended": func(ctx context.Context, s *storm, r *rand.Rand) (bool, error) {
		p := s.phones[r.IntN(len(s.phones))]
		n, err := s.bed.owner.Exec(ctx, `DELETE FROM sessions WHERE account_id = $1`, p.who.ID)
		return n > 0, err
	},
	"phone.evict": func(_ context.Context, s *storm, r *rand.Rand) (bool, error) {
		if !s.backedUp.IsZero() {
			return false, nil // a phone wiped and a server put back: that is two copies of one record gone, and nobody has a third
		}
		s.phones[r.IntN(len(s.phones))].evict.Store(true)
		return false, nil // the phone counts it when it happens
	},
}

func short(r *rand.Rand) time.Duration { return time.Duration(150+r.IntN(500)) * time.Millisecond }
func long(r *rand.Rand) time.Duration  { return time.Duration(500+r.IntN(2200)) * time.Millisecond }

// freeze is how long a program is stopped: in a whole storm the first time longer than any of our timeouts, so that it wakes
// into a world that has given it up.
func (s *storm) freeze(name string, r *rand.Rand) time.Duration {
	if s.plan.syncs >= 1000 && len(s.faults.absent(name)) > 0 {
		return 31 * time.Second
	}
	return long(r)
}

// frozen stops a program where it is: what it was about to write it writes when it wakes (a zombie).
func frozen(ctx context.Context, p *proc, d time.Duration) bool {
	p.signal(syscall.SIGSTOP)
	pause(ctx, d)
	p.signal(syscall.SIGCONT)
	return true
}

func severed(ctx context.Context, s *storm, line string, d time.Duration) (bool, error) {
	if err := s.bed.toxi.enable(ctx, line, false); err != nil {
		return false, err
	}
	pause(ctx, d)
	return true, s.bed.toxi.enable(context.WithoutCancel(ctx), line, true)
}

func spoilt(ctx context.Context, s *storm, line, kind, stream string, attributes map[string]any, d time.Duration) (bool, error) {
	if err := s.bed.toxi.toxic(ctx, line, kind, stream, attributes); err != nil {
		return false, err
	}
	pause(ctx, d)
	return true, s.bed.toxi.heal(context.WithoutCancel(ctx), line, kind)
}

// terminate ends server processes in the middle of their transactions, again and again for a moment.
func terminate(ctx context.Context, s *storm, _ *rand.Rand) (bool, error) {
	const q = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'suixing_app' AND (state = 'idle in transaction' OR state = 'active' AND xact_start < clock_timestamp())`
	hit := 0
	for range 25 {
		var n int
		if err := s.bed.owner.Get(ctx, &n, q); err != nil {
			return hit > 0, err
		}
		hit += n
		pause(ctx, 25*time.Millisecond)
	}
	return hit > 0, nil
}

// full makes a disk as large as what is on it, and a little later large again. It counts when the program has said so.
func (s *storm) full(ctx context.Context, disk, program string) (bool, error) {
	if s.bed.disks != "" {
		s.skipped[disk+" disk full"] = s.bed.disks
		return false, nil
	}
	dir := filepath.Join(s.bed.dir, disk)
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return false, err
	}
	used := (fs.Blocks - fs.Bfree) * uint64(fs.Bsize) // #nosec G115 -- sizes
	before, refused := s.said(program), false
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d,mode=0755", used+32<<10)); err != nil {
		s.skipped[disk+" disk full"] = err.Error()
		return false, nil
	}
	pause(ctx, time.Second)
	if disk == "store" {
		_, err := s.bed.client.PutObject(ctx, bucket, "storm/probe", bytes.NewReader(make([]byte, 1<<18)), 1<<18, minio.PutObjectOptions{})
		refused = err != nil
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size="+diskSpace+",mode=0755"); err != nil {
		return true, err
	}
	if disk == "pg" && !s.bed.pg.alive() {
		if err := s.bed.pg.up(ctx); err != nil {
			return true, err
		}
	}
	return refused || s.said(program) > before, nil
}

// said counts in a program's log how often it had no space left.
func (s *storm) said(program string) int {
	raw, err := os.ReadFile(filepath.Join(s.bed.dir, "logs", program+".log"))
	if err != nil {
		return 0
	}
	return bytes.Count(raw, []byte("No space left"))
}

// weather lets one fault after the other come, and the phones go on with their work as it passes.
func (s *storm) weather(ctx context.Context) {
	r := rand.New(rand.NewPCG(s.seed, 0)) // #nosec G404 -- not a secret
	names := s.plan.weather
	if len(names) == 0 {
		for name := range gales {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i, name := range shuffled(r, names, max(0, s.plan.events)) {
		s.allowed.Store(int64(s.plan.syncs * (i + 1) / (s.plan.events + 1)))
		s.awaitWork(ctx)
		switch { // once each: a backup when a third has gone, a restore when two have
		case s.plan.restore && i == s.plan.events/3:
			s.gust(ctx, "db.backup", backup, r)
		case s.plan.restore && i == s.plan.events*2/3:
			s.gust(ctx, "db.restore_older", restore, r)
		}
		s.gust(ctx, name, gales[name], r)
		pause(ctx, short(r))
	}
	if err := s.mend(ctx); err != nil {
		s.violation("lost", "the bed cannot be mended: "+err.Error())
	}
	s.allowed.Store(int64(s.plan.syncs)) // the last ones still meet trouble on their lines
	s.awaitWork(ctx)
	pause(ctx, time.Second)
}

// gust lets one fault of the machines come; what it leaves broken is mended.
func (s *storm) gust(ctx context.Context, name string, blow func(context.Context, *storm, *rand.Rand) (bool, error), r *rand.Rand) {
	done, err := blow(ctx, s, r)
	if err != nil && ctx.Err() == nil {
		s.say("%s: %v", name, err)
		if err := s.mend(ctx); err != nil {
			s.violation("lost", "the bed cannot be mended: "+err.Error())
		}
	}
	if done {
		s.faults.add(name)
	}
}

// awaitWork waits until most of what was let through has been taken up: a fault with nobody about proves little.
func (s *storm) awaitWork(ctx context.Context) {
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end) && ctx.Err() == nil && s.drawn.Load() < s.allowed.Load(); {
		pause(ctx, 10*time.Millisecond)
	}
}

// mend brings up whatever is down.
func (s *storm) mend(ctx context.Context) error {
	if !s.bed.pg.alive() {
		if err := s.bed.pg.up(ctx); err != nil {
			return err
		}
	}
	if !s.bed.minio.alive() {
		if err := s.bed.storeUp(ctx); err != nil {
			return err
		}
	}
	for i := range s.bed.apps {
		if !s.bed.apps[i].alive() {
			if err := s.bed.appUp(ctx, i); err != nil {
				return err
			}
		}
	}
	return nil
}
