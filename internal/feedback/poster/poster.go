// Package poster draws what a business hangs up or puts on its counter: the wall code to scan, the short address to type, the
// number to call, and who will never read what is said. One page of PDF, A4 or A6, with its fonts inside.
package poster

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/signintech/gopdf"
	qrcode "github.com/skip2/go-qrcode"
)

// Content is what stands on a poster.
type Content struct {
	URL      string // behind the code
	Address  string // short, to type: suixing.example/f
	Short    string // the code to type there
	Hotline  string
	Bureau   string // who asks
	Office   string // who reads
	Business string // where it hangs
}

// Size is a sheet of paper.
type Size string

// Sizes that are printed.
const (
	A4 Size = "a4"
	A6 Size = "a6"
)

// sheet is a page in work; everything is laid out for A4 in points and shrunk for the card.
type sheet struct {
	pdf    gopdf.GoPdf
	scale  float64
	middle float64
	err    error
}

const (
	widthA4, heightA4 = 595.28, 841.89
	widthA6, heightA6 = 297.64, 419.53
	margin            = 48.0
)

// Draw gives the page as PDF.
func Draw(size Size, c Content) ([]byte, error) {
	s := &sheet{scale: 1, middle: widthA4 / 2}
	paper := gopdf.Rect{W: widthA4, H: heightA4}
	switch size {
	case A4:
	case A6:
		s.scale, s.middle, paper = widthA6/widthA4, widthA6/2, gopdf.Rect{W: widthA6, H: heightA6}
	default:
		return nil, errors.New("poster: no such size")
	}
	s.pdf.Start(gopdf.Config{PageSize: paper})
	s.pdf.SetInfo(gopdf.PdfInfo{Title: "检查评价码"})
	if err := s.fonts(); err != nil {
		return nil, err
	}
	s.pdf.AddPage()
	if err := s.draw(c); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := s.pdf.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("poster: %w", err)
	}
	return b.Bytes(), nil
}

func (s *sheet) fonts() error {
	for name, packed := range map[string][]byte{"han": han, "latin": latin} {
		raw, err := unpack(packed)
		if err != nil {
			return err
		}
		opt := gopdf.TtfOption{OnGlyphNotFoundSubstitute: func(rune) rune { return map[string]rune{"han": '□', "latin": '*'}[name] }}
		if err := s.pdf.AddTTFFontDataWithOption(name, raw, opt); err != nil {
			return fmt.Errorf("poster: font %s: %w", name, err)
		}
	}
	return nil
}

func (s *sheet) draw(c Content) error {
	s.line(86, 20, c.Bureau+"请您说")
	s.line(142, 46, "来检查的人怎么样")
	s.line(182, 22, "扫一扫，说真话，不用登录，不留名")
	if err := s.code(c.URL, 210, 300); err != nil {
		return err
	}
	s.line(546, 18, "扫不了？用手机打开 "+c.Address+" 输入")
	s.line(584, 30, c.Short)
	s.line(622, 20, "也可以打电话："+c.Hotline)
	s.rule(646)
	s.line(678, 17, "谁在问：县司法行政部门，不是来检查的单位")
	s.line(704, 17, "谁会看："+c.Office+"办这件事的人")
	s.line(730, 17, "谁看不到：来检查的单位和人")
	s.line(756, 17, "不想填就不填，不影响办事")
	s.line(800, 13, "张贴在："+c.Business)
	return s.err
}

// line sets one line in the middle at a height of the A4 sheet, smaller where it would run over the edge.
func (s *sheet) line(y, size float64, text string) {
	if s.err != nil {
		return
	}
	size *= s.scale
	parts := split(text)
	width := s.width(parts, size)
	if most := 2*s.middle - 2*margin*s.scale; width > most {
		size *= most / width
		width = most
	}
	x := s.middle - width/2
	for _, p := range parts {
		s.font(p.font, size)
		s.pdf.SetXY(x, y*s.scale-size)
		s.keep(s.pdf.Cell(nil, p.text))
		w, err := s.pdf.MeasureTextWidth(p.text)
		s.keep(err)
		x += w
	}
}

func (s *sheet) width(parts []part, size float64) (sum float64) {
	for _, p := range parts {
		s.font(p.font, size)
		w, err := s.pdf.MeasureTextWidth(p.text)
		s.keep(err)
		sum += w
	}
	return sum
}

func (s *sheet) font(name string, size float64) { s.keep(s.pdf.SetFont(name, "", size)) }

func (s *sheet) keep(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *sheet) rule(y float64) {
	s.pdf.SetLineWidth(1.2 * s.scale)
	s.pdf.Line(margin*s.scale, y*s.scale, 2*s.middle-margin*s.scale, y*s.scale)
}

// code draws the modules as squares, sharp at every size; go-qrcode gives the quiet zone with them.
func (s *sheet) code(url string, y, side float64) error {
	q, err := qrcode.New(url, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("poster: %w", err)
	}
	rows := q.Bitmap()
	one := side * s.scale / float64(len(rows))
	left, top := s.middle-side*s.scale/2, y*s.scale
	s.pdf.SetFillColor(0, 0, 0)
	for i, row := range rows {
		for j := 0; j < len(row); j++ {
			run := j
			for run < len(row) && row[run] {
				run++
			}
			if run > j { // neighbours in one piece: no hairlines between them
				s.pdf.RectFromUpperLeftWithStyle(left+float64(j)*one, top+float64(i)*one, float64(run-j)*one, one+0.05, "F")
				j = run
			}
		}
	}
	return nil
}

type part struct{ font, text string }

// split cuts a line where the writing changes: the fonts have either Chinese or Latin.
func split(text string) (out []part) {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	for _, r := range text {
		font := "han"
		if r < 0x2000 {
			font = "latin"
		}
		if n := len(out); n > 0 && out[n-1].font == font {
			out[n-1].text += string(r)
		} else {
			out = append(out, part{font, string(r)})
		}
	}
	return out
}
