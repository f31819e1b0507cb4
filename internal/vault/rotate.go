package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/clock"
	"suixing/internal/platform/db"
)

// Rotate writes a new key of the algorithm as the first line of vault.key and marks the others retired: they open, and
// seal no more. What lies under them is resealed by Reseal. It gives the new key's id.
func (k *Keyring) Rotate(algorithm string, today time.Time) (string, error) {
	line, err := newKeyLine(algorithm)
	if err != nil {
		return "", err
	}
	id, _, _ := strings.Cut(string(line), " ")
	return id, k.rewrite(func(raw []byte) []byte {
		out := bytes.NewBuffer(line)
		for _, l := range bytes.Split(raw, []byte("\n")) {
			part := strings.Fields(string(l))
			if len(part) == 3 && !strings.HasPrefix(part[0], "#") {
				l = []byte(strings.Join(part, " ") + " " + retiredMark + clock.Day(today))
			}
			if len(l) > 0 {
				out.Write(append(l, '\n'))
			}
		}
		return out.Bytes()
	})
}

// drop takes the lines of these keys out of the file: what they sealed, in the oldest backup too, opens no more.
func (k *Keyring) drop(ids []string) error {
	gone := map[string]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	return k.rewrite(func(raw []byte) []byte {
		var out bytes.Buffer
		for _, l := range bytes.Split(raw, []byte("\n")) {
			if part := strings.Fields(string(l)); len(l) > 0 && (len(part) == 0 || !gone[part[0]]) {
				out.Write(append(l, '\n'))
			}
		}
		return out.Bytes()
	})
}

// rewrite changes the file whole or not at all; one at a time.
func (k *Keyring) rewrite(change func(raw []byte) []byte) error {
	lock := k.path + ".lock"
	l, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("another rotation is under way, or one broke off: remove %s if not: %w", lock, err)
	}
	defer func() { _ = errors.Join(l.Close(), os.Remove(lock)) }()
	raw, err := os.ReadFile(k.path)
	if err != nil {
		return err
	}
	was, err := os.Stat(k.path)
	if err != nil {
		return err
	}
	next := change(raw)
	if _, err := parseKeyring(next); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(k.path), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, werr := tmp.Write(next)
	if err := errors.Join(werr, keepOwner(tmp, was), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), k.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(k.path))
}

// keepOwner gives the new file owner and mode of the old one: rotated by root, the server's own user must still read it.
func keepOwner(f *os.File, was os.FileInfo) error {
	if own, ok := was.Sys().(*syscall.Stat_t); ok && (int(own.Uid) != os.Geteuid() || int(own.Gid) != os.Getegid()) {
		if err := f.Chown(int(own.Uid), int(own.Gid)); err != nil {
			return fmt.Errorf("the new key file cannot be given to its owner, run this as root or as that user: %w", err)
		}
	}
	return f.Chmod(was.Mode().Perm())
}

// Progress is how far resealing has come.
type Progress struct{ Done, Total, Broken int }

// RotateKey makes a new key at the administrator's wish. The trail has the reason and the key's id before the file changes:
// a rotation that broke off is a row too many, never a key that nobody made.
func (s *Service) RotateKey(ctx context.Context, who actor.Actor, algorithm, reason string) error {
	reason, err := checkReason(reason)
	if err != nil {
		return err
	}
	if !who.Is(actor.Admin) {
		return fault.Denied()
	}
	r := s.keys.ring()
	if algorithm == "" {
		algorithm = r.keys[r.current].algorithm
	}
	if _, known := aeads[algorithm]; !known {
		return fault.Field("algorithm", "没有这种算法。")
	}
	err = s.pool.InTx(ctx, func(tx *db.DB) error {
		return audit.Append(ctx, tx, s.now(), who, "vault.rotate_key", "vault_key", uuid.Nil, map[string]any{"retired": r.current, "algorithm": algorithm, "reason": reason})
	})
	if err != nil {
		return err
	}
	_, err = s.keys.Rotate(algorithm, s.now())
	if errors.Is(err, os.ErrExist) {
		return fault.New(fault.Conflict, "rotating", "另一次换密钥正在进行，请过一分钟再看。")
	}
	return err
}

// resealMoment is how long one request reseals; who watches asks again until nothing is left.
const resealMoment = 2 * time.Second

func (s *Service) resealFor(ctx context.Context, moment time.Duration) error {
	short, cancel := context.WithTimeout(ctx, moment)
	defer cancel()
	_, err := s.Reseal(short, func(Progress) {})
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil // the moment is over; each identity lies whole under one key or the other
	}
	return err
}

// resealAtOnce is how many rows are read at a time.
const resealAtOnce = 200

// Reseal puts every identity that lies under an older key under the current one, with a data key of its own made anew. It
// may be broken off and begun again at any time, and run beside servers that seal. Rows that do not open are left and counted.
func (s *Service) Reseal(ctx context.Context, progress func(Progress)) (Progress, error) {
	r, err := s.keys.sealing()
	if err != nil {
		return Progress{}, err
	}
	held, err := heldBy(ctx, s.pool)
	if err != nil {
		return Progress{}, err
	}
	var p Progress
	for id, n := range held {
		if id != r.current {
			p.Total += n
		}
	}
	after := uuid.Nil
	for {
		rows, err := notUnder(ctx, s.pool, r.current, after, resealAtOnce)
		if err != nil || len(rows) == 0 {
			return p, err
		}
		for _, row := range rows {
			after = row.ID
			if err := s.resealOne(ctx, r, row, &p); err != nil {
				return p, err
			}
		}
		progress(p)
	}
}

func (s *Service) resealOne(ctx context.Context, r *ring, row sealedRow, p *Progress) error {
	old, known := r.keys[row.KeyID]
	if !known {
		p.Broken++
		return nil
	}
	plain, err := old.open(row.Wrapped, row.Sealed, bound(row.KeyID, row.ID, row.CaseKind, row.CaseID))
	if err != nil {
		p.Broken++
		return nil // counted and left as it is: the next round, or an older key put back, may open it
	}
	defer clear(plain)
	sealed, err := r.keys[r.current].seal(plain, bound(r.current, row.ID, row.CaseKind, row.CaseID))
	if err != nil {
		return err
	}
	done, err := reseal(ctx, s.pool, row, r.current, sealed)
	if done {
		p.Done++
	}
	return err
}

// KeyState is one key of the ring, and how many identities lie under it.
type KeyState struct {
	ID        string `json:"id"`
	Algorithm string `json:"algorithm"`
	Current   bool   `json:"current"`
	RetiredOn string `json:"retired_on"`
	Held      int    `json:"held"`
}

// Keys tells of each key what lies under it; a key that the ring lacks and rows still name stands last, without algorithm.
func (s *Service) Keys(ctx context.Context, _ actor.Actor) ([]KeyState, error) {
	held, err := heldBy(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	r, out := s.keys.ring(), []KeyState{}
	for _, id := range r.order {
		k := r.keys[id]
		out = append(out, KeyState{ID: id, Algorithm: k.algorithm, Current: id == r.current, RetiredOn: k.retired, Held: held[id]})
		delete(held, id)
	}
	for id, n := range held {
		out = append(out, KeyState{ID: id, Held: n})
	}
	return out, nil
}

// DropRetired destroys the retired keys that hold nothing and were retired before today: a server that was sealing as the
// key changed has long finished. After it nothing opens what they once sealed, in old backups neither.
func (s *Service) DropRetired(ctx context.Context) ([]string, error) {
	states, err := s.Keys(ctx, actor.System)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, k := range states {
		if k.RetiredOn != "" && k.Held == 0 && k.RetiredOn < clock.Day(s.now()) {
			ids = append(ids, k.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return ids, s.keys.drop(ids)
}
