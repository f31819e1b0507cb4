package app_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// eicar is the text that every virus scanner reports; in two pieces, so that this file is none.
var eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

var anyKey = regexp.MustCompile(`.`)

// officeFile gives a file that Word or Excel opens, with the text inside, with or without macros.
func officeFile(parts ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range append([]string{"[Content_Types].xml", "_rels/.rels"}, parts...) {
		f, _ := z.Create(name)
		_, _ = f.Write([]byte(eicar))
	}
	_ = z.Close()
	return b.Bytes()
}

// Eicar: no Office file is taken as evidence from anyone, under any name or type, and none is ever shown in a page. What a
// scanner would report and is a PDF by its bytes lies there unopened: no copy is drawn of it, and it goes out as a download.
func TestEicar(t *testing.T) {
	w := newWorld(t)
	refused := map[string][]byte{
		"docx": officeFile("word/document.xml"), "docm": officeFile("word/document.xml", "word/vbaProject.bin"), "xlsx": officeFile("xl/workbook.xml"), "xlsm": officeFile("xl/workbook.xml", "xl/vbaProject.bin"),
		"pptx": officeFile("ppt/presentation.xml"), "odt": officeFile("content.xml"), "zip": officeFile("a.exe"), "doc": append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), eicar...), "rtf": []byte(`{\rtf1 ` + eicar + `}`),
		"bare": []byte(eicar), "hta": []byte("<hta:application>" + eicar), "exe": append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00"), eicar...), "pdf behind a zip": append(officeFile("a"), "%PDF-1.7"...), "wps": append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1WPS"), eicar...),
		"lnk": append([]byte("L\x00\x00\x00\x01\x14\x02\x00"), eicar...), "html": []byte("<html>" + eicar), "mht": []byte("MIME-Version: 1.0\r\n" + eicar),
	}
	logins := map[string]*client{}
	for _, who := range []string{"office", "county", "supervisor", "agency", "hotline"} {
		logins[who] = w.as(who)
	}
	for name, data := range refused {
		sum := sha256.Sum256(data)
		sha := hex.EncodeToString(sum[:])
		for _, who := range []string{"office", "county", "supervisor", "agency", "hotline"} {
			for _, kind := range []string{"application/pdf", "application/octet-stream", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "image/jpeg"} {
				if a := logins[who].do("PUT", "/api/photos/"+sha, data, "Content-Type", kind); a.status != 422 || bytes.Contains(a.body, []byte("EICAR")) {
					t.Errorf("%s as %s by %s: %d %.200s", name, kind, who, a.status, a.body)
				}
			}
			logins[who].do("GET", "/api/photos/"+sha+"?size=view", nil).want(404)
		}
	}
	page := w.nobody().do("GET", "/c", nil, "Accept", "text/html").want(200)
	v := url.Values{"unit": {"示例镇A综合执法大队"}, "day": {"2026-05-05"}, "place": {"示例路"}, "fact": {"执法队员上门时训斥店主并收走账本，没有出示证件。"}, "stage": {"none"}, "P1": {"n"}, "consent": {"y"}, "website": {""}}
	for _, name := range []string{"材料.docx", "材料.pdf", "photo.jpg"} {
		if a := w.nobody().formNamed("/c", page.body, v, name, refused["docx"]); a.status == 303 || a.status >= 500 {
			t.Errorf("the complaint form took an Office file as %s: %d", name, a.status)
		}
	}
	if n := objects(t, w, anyKey); n != 0 {
		t.Errorf("%d objects were kept", n)
	}
	pdf := []byte("%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n" + eicar + "\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	sum := sha256.Sum256(pdf)
	sha := hex.EncodeToString(sum[:])
	office := logins["office"]
	office.do("PUT", "/api/photos/"+sha, pdf, "Content-Type", "application/pdf").want(201)
	for _, size := range []string{"thumb", "view"} {
		if a := office.do("GET", "/api/photos/"+sha+"?size="+size, nil); a.status != 409 || bytes.Contains(a.body, []byte("EICAR")) {
			t.Errorf("the PDF as %s: %d", size, a.status)
		}
	}
	a := office.do("GET", "/api/photos/"+sha+"?size=original", nil).want(200)
	if !bytes.Equal(a.body, pdf) || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment;") || !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the PDF goes out with %v", a.header)
	}
	if n := objects(t, w, anyKey); n != 1 {
		t.Errorf("%d objects for one PDF", n)
	}
}
