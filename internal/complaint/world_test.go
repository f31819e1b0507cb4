package complaint

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/deadline"
	"suixing/internal/evidence"
	"suixing/internal/fault"
	"suixing/internal/platform/blob"
	"suixing/internal/platform/dbtest"
	"suixing/internal/platform/door"
	"suixing/internal/platform/web"
	"suixing/internal/vault"
)

// world is the feature on a real database and a real listener, with the people of two townships.
type world struct {
	*testing.T
	env  *dbtest.Env
	s    *Service
	base string
	log  *lockedBuffer
	all  []web.Route
	// offices, the agency of the first, and who is signed in by the token of the same name
	office1, office2, agency1, agency2 uuid.UUID
	people                             map[string]actor.Actor
	foreign                            door.Status // what the other feature says of its one receipt
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, env: dbtest.New(t), log: &lockedBuffer{}, people: map[string]actor.Actor{},
		office1: uuid.New(), office2: uuid.New(), agency1: uuid.New(), agency2: uuid.New()}
	w.exec(`INSERT INTO bureau (id, name, county, prefix, hotline) VALUES ($1, '示例县司法局', '示例县', '示', '0371-1234567')`, uuid.New())
	w.exec(`INSERT INTO offices (id, name, township) VALUES ($1, '示例镇A司法所', '示例镇A'), ($2, '示例镇B司法所', '示例镇B')`, w.office1, w.office2)
	w.exec(`INSERT INTO agencies (id, name, kind, office_id) VALUES ($1, '示例镇A综合执法大队', 'township', $3), ($2, '示例镇B综合执法大队', 'township', $4)`,
		w.agency1, w.agency2, w.office1, w.office2)
	for name, a := range map[string]actor.Actor{
		"county": {Role: actor.County}, "leader": {Role: actor.Leader}, "office": {Role: actor.Office, OfficeID: some(w.office1)},
		"office2": {Role: actor.Office, OfficeID: some(w.office2)}, "supervisor": {Role: actor.Supervisor, OfficeID: some(w.office1)},
		"agency": {Role: actor.Agency, AgencyID: some(w.agency1)}, "hotline": {Role: actor.Hotline}, "admin": {Role: actor.Admin}, "auditor": {Role: actor.Auditor},
	} {
		a.ID, a.Name = uuid.New(), "姓名"+name
		w.people[name] = a
		w.exec(`INSERT INTO accounts (id, username, name, role, office_id, agency_id, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'x', $7)`,
			a.ID, name, a.Name, string(a.Role), a.OfficeID, a.AgencyID, dbtest.Start)
	}
	w.serve()
	return w
}

func some(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: true} }

func (w *world) serve() {
	w.Helper()
	keys, err := vault.LoadKeyring(w.TempDir(), true)
	w.must(err)
	store, err := blob.NewFolder(w.TempDir())
	w.must(err)
	signer, err := evidence.LoadOrMakeSigner(w.TempDir(), true)
	w.must(err)
	v := vault.New(w.env.Vault, keys, w.env.Clock.Now)
	ev := evidence.New(w.env.DB, w.env.Clock.Now, store, signer)
	secret := bytes.Repeat([]byte{7}, 32)
	w.s = New(w.env.DB, w.env.Clock.Now, Parts{Vault: v, Secret: secret, Evidence: ev, Deadlines: deadline.New(w.env.DB, w.env.Clock.Now), Feedback: func(_ context.Context, code string) (door.Status, bool, error) {
		return w.foreign, code == "FFFFFFFFFFFFFFFF", nil
	}})
	r := web.New(web.Options{Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.env.Clock.Now, Version: "test"})
	r.SetAuth(func(_ context.Context, token string) (actor.Actor, web.Session, error) {
		if a, ok := w.people[token]; ok {
			return a, web.Session{Kind: "token"}, nil
		}
		return actor.Actor{}, web.Session{}, fault.New(fault.Unauthenticated, "signed_out", "")
	})
	w.s.Routes(r)
	v.Routes(r)
	w.all = r.Routes()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	go func() { _ = r.App.Listener(ln) }()
	w.Cleanup(func() { _ = r.App.Shutdown() })
	w.base = "http://" + ln.Addr().String()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) exec(q string, args ...any) {
	w.Helper()
	_, err := w.env.Owner.Exec(context.Background(), q, args...)
	w.must(err)
}

func (w *world) count(q string, args ...any) (n int) {
	w.Helper()
	w.must(w.env.Owner.Get(context.Background(), &n, q, args...))
	return n
}

// answer is an HTTP answer read whole.
type answer struct {
	code     int
	body     string
	location string
	header   http.Header
}

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (w *world) send(req *http.Request) answer {
	w.Helper()
	res, err := client.Do(req)
	if err != nil {
		w.Error(err)
		return answer{}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Error(err)
	}
	return answer{res.StatusCode, string(body), res.Header.Get("Location"), res.Header}
}

func (w *world) get(path string) answer {
	w.Helper()
	req, err := http.NewRequest("GET", w.base+path, nil)
	w.must(err)
	return w.send(req)
}

// as calls the API as one of the people.
func (w *world) as(who, method, path string, in, out any) answer {
	w.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		w.must(err)
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, w.base+path, body)
	w.must(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+who)
	a := w.send(req)
	if out != nil && a.code < 300 {
		w.must(json.Unmarshal([]byte(a.body), out))
	}
	return a
}

// post sends a form as a browser without script does.
func (w *world) post(path string, v url.Values, pictures ...[]byte) answer {
	w.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, values := range v {
		for _, one := range values {
			w.must(m.WriteField(name, one))
		}
	}
	for _, p := range pictures {
		f, err := m.CreateFormFile("photos", "王小满的店.png")
		w.must(err)
		_, err = f.Write(p)
		w.must(err)
	}
	w.must(m.Close())
	req, err := http.NewRequest("POST", w.base+path, &b)
	w.must(err)
	req.Header.Set("Content-Type", m.FormDataContentType())
	return w.send(req)
}

// good is a complaint without a name. Each has the random number that its form came with.
func (w *world) good() url.Values {
	w.Helper()
	nonce := regexp.MustCompile(`name="nonce" value="([0-9a-f]{16})"`).FindStringSubmatch(w.get("/c").body)
	if nonce == nil {
		w.Fatal("the form carries no number of its own")
	}
	return url.Values{"nonce": {nonce[1]}, "website": {""}, "unit": {"示例镇A综合执法大队"}, "day": {"2026-05-05"}, "place": {"示例镇东街"},
		"fact": {"两个人进店没有出示证件，拿走两箱货没有写单子。"}, "ask": {"退货"}, "stage": {"none"}, "P1": {"n"}}
}

func with(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func picture(seed uint8) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = seed + uint8(i)
	}
	img.Set(1, 1, color.RGBA{seed, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

var receiptShape = regexp.MustCompile(`<p class="big">([0-9A-HJKMNP-TV-Z]{4}( [0-9A-HJKMNP-TV-Z]{4}){3})</p>`)

// receipt follows a 303 to its page and reads the code there.
func (w *world) receipt(a answer) string {
	w.Helper()
	if a.code != 303 {
		w.Fatalf("want 303, got %d: %s", a.code, visible(a.body))
	}
	page := w.get(a.location)
	m := receiptShape.FindStringSubmatch(page.body)
	if page.code != 200 || m == nil {
		w.Fatalf("receipt page %d: %s", page.code, visible(page.body))
	}
	return m[1]
}

var tags = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

func visible(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}
