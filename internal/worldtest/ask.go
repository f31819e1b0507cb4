package worldtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"suixing/internal/actor"
)

// Answer is an HTTP answer read whole.
type Answer struct {
	Code     int
	Body     string
	Location string
	Header   http.Header
}

// Object is a JSON object.
type Object = map[string]any

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Send sends a request and reads the answer. It follows no redirect.
func (w *World) Send(req *http.Request) Answer {
	w.Helper()
	res, err := client.Do(req)
	if err != nil {
		w.Error(err)
		return Answer{}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Error(err)
	}
	return Answer{res.StatusCode, string(body), res.Header.Get("Location"), res.Header}
}

// Get reads a page as the public does.
func (w *World) Get(path string) Answer {
	w.Helper()
	return w.Raw("", "GET", path, "", nil)
}

// Raw sends bytes as one of the people, or as nobody.
func (w *World) Raw(who, method, path, kind string, body []byte) Answer {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.Base+path, bytes.NewReader(body))
	w.Must(err)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+who)
	}
	return w.Send(req)
}

// As calls the API as one of the people.
func (w *World) As(who, method, path string, in, out any) Answer {
	w.Helper()
	var body []byte
	if in != nil {
		var err error
		body, err = json.Marshal(in)
		w.Must(err)
	}
	a := w.Raw(who, method, path, "application/json", body)
	if out != nil && a.Code < 300 {
		w.Must(json.Unmarshal([]byte(a.Body), out))
	}
	return a
}

// Call is As for whoever looks at the answer as an object, whatever its status.
func (w *World) Call(who, method, path string, in any) (int, Object) {
	w.Helper()
	a, out := w.As(who, method, path, in, nil), Object{}
	if strings.HasPrefix(a.Body, "{") {
		w.Must(json.Unmarshal([]byte(a.Body), &out))
	}
	return a.Code, out
}

// Want calls and ends the test unless the status is the one wanted.
func (w *World) Want(code int, who, method, path string, in any) Object {
	w.Helper()
	got, out := w.Call(who, method, path, in)
	if got != code {
		w.Fatalf("%s %s %s: %d, want %d: %v", who, method, path, got, code, out)
	}
	return out
}

// Deed does a deed of a life-cycle to a record of problems or leads, at the version the person sees now.
func (w *World) Deed(code int, who, records, id, deed string, body Object) Object {
	w.Helper()
	column := "version"
	if records == "problems" && w.People[who].Is(actor.Agency) {
		column = "agency_version"
	}
	in := Object{"version": w.Count(`SELECT `+column+` FROM `+records+` WHERE id = $1`, id)}
	maps.Copy(in, body)
	return w.Want(code, who, "POST", "/api/"+records+"/"+id+"/"+deed, in)
}

// Post sends a form as a browser without script does.
func (w *World) Post(path string, v url.Values, pictures ...[]byte) Answer {
	w.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, values := range v {
		for _, one := range values {
			w.Must(m.WriteField(name, one))
		}
	}
	for _, p := range pictures {
		f, err := m.CreateFormFile("photos", "王小满的店.png")
		w.Must(err)
		_, err = f.Write(p)
		w.Must(err)
	}
	w.Must(m.Close())
	return w.Raw("", "POST", path, m.FormDataContentType(), b.Bytes())
}

// With sets fields of a form.
func With(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// Picture is a real one, another for each seed.
func Picture(seed uint8) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = seed + uint8(i) // #nosec G115 -- colours wrap
	}
	img.Set(1, 1, color.RGBA{seed, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Photo uploads a picture that nobody has uploaded yet and gives its hash.
func (w *World) Photo(who string) string {
	w.Helper()
	w.photos++
	data := Picture(w.photos)
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if a := w.Raw(who, "PUT", "/api/photos/"+hash, "image/png", data); a.Code != 201 && a.Code != 200 {
		w.Fatalf("upload: %d %s", a.Code, a.Body)
	}
	return hash
}

// ReceiptShape is the receipt's code on the page that thanks.
var ReceiptShape = regexp.MustCompile(`<p class="big">([0-9A-HJKMNP-TV-Z]{4}( [0-9A-HJKMNP-TV-Z]{4}){3})</p>`)

// Receipt follows a 303 to its page and reads the code there.
func (w *World) Receipt(a Answer) string {
	w.Helper()
	if a.Code != 303 {
		log := w.Logged.String()
		w.Fatalf("want 303, got %d: %s %s", a.Code, Visible(a.Body), log[max(0, len(log)-1500):])
	}
	page := w.Get(a.Location)
	m := ReceiptShape.FindStringSubmatch(page.Body)
	if page.Code != 200 || m == nil {
		w.Fatalf("receipt page %d: %s", page.Code, Visible(page.Body))
	}
	return m[1]
}

var tags = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// Visible is the text of a page.
func Visible(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}
