package door

import "html/template"

// Choice is one answer to choose. Label may break its line: it is ours, never what someone typed.
type Choice struct {
	Value string
	Label template.HTML
	On    bool
}

// Question is a group of choices with its error between legend and choices.
type Question struct {
	ID, Text string
	Optional bool
	Shape    string // css class after seg: "", " r" in a row, " v" one below the other
	Choices  []Choice
	Fault    string
}

// Summary is what stands on top of a form that came back.
type Summary struct {
	Title string
	Items []SummaryItem
}

// SummaryItem leads to a field.
type SummaryItem struct{ ID, Words string }

// Line is a line of text to fill in.
type Line struct {
	ID, Label, Note, Kind, Value, Fill string
	Max                                int
	Fault                              string
}

// Area is room for a longer text.
type Area struct {
	ID, Label, Note, Value string
	Max                    int
	Fault                  string
}

// Photos is the picture field: what was already received stays, each with its mark, until the person unticks it.
type Photos struct {
	Files bool // papers, recordings and films too
	Max   int
	Kept  []Kept
	Note  string
	Fault string
}

// Kept is one received picture; Value is its hash, size and our mark.
type Kept struct {
	Value string
	N     int
	KB    int64
}

const parts = `
{{define "ask"}}<fieldset class="q{{if .Fault}} err{{end}}" id="{{.ID}}"{{if .Fault}} aria-describedby="{{.ID}}-m"{{end}}><legend>{{.Text}}{{if .Optional}} <span class="o">（可不填）</span>{{end}}</legend>{{template "fault" .}}<div class="seg{{.Shape}}">{{$id := .ID}}{{range .Choices}}<label><input type="radio" name="{{$id}}" value="{{.Value}}"{{if .On}} checked{{end}}><span>{{.Label}}</span></label>{{end}}</div></fieldset>{{end}}
{{define "fault"}}{{if .Fault}}<p class="m" id="{{.ID}}-m">{{.Fault}}</p>{{end}}{{end}}
{{define "wrong"}}{{if .Fault}} aria-invalid="true" aria-describedby="{{.ID}}-m"{{end}}{{end}}
{{define "line"}}<div class="q{{if .Fault}} err{{end}}"><label class="l" for="{{.ID}}">{{.Label}}{{if .Note}} <span class="o">（{{.Note}}）</span>{{end}}</label>{{template "fault" .}}<input class="t" id="{{.ID}}" name="{{.ID}}"{{if .Kind}} type="{{.Kind}}"{{end}} maxlength="{{.Max}}" value="{{.Value}}"{{if .Fill}} autocomplete="{{.Fill}}"{{else}} autocomplete="off"{{end}}{{template "wrong" .}}></div>{{end}}
{{define "area"}}<div class="q{{if .Fault}} err{{end}}"><label class="l" for="{{.ID}}">{{.Label}}{{if .Note}} <span class="o">（{{.Note}}）</span>{{end}}</label>{{template "fault" .}}<textarea id="{{.ID}}" name="{{.ID}}" maxlength="{{.Max}}"{{template "wrong" .}}>
{{.Value}}</textarea></div>{{end}}
{{define "photos"}}<div class="q{{if .Fault}} err{{end}}"><label class="l" for="photos">照片{{if .Files}}、录音、录像、PDF{{end}} <span class="o">（可不传，最多{{.Max}}{{if .Files}}个{{else}}张{{end}}{{.Note}}）</span></label>{{if .Fault}}<p class="m" id="photos-m">{{.Fault}}</p>{{end}}{{range .Kept}}<label class="c"><input type="checkbox" name="kept" value="{{.Value}}" checked><span>第{{.N}}{{if $.Files}}个{{else}}张{{end}}，已收到（{{.KB}} KB）。不要就去掉勾</span></label>{{end}}<input class="t" id="photos" name="photos" type="file" accept="image/*{{if .Files}},audio/*,video/*,application/pdf{{end}}" multiple{{if .Fault}} aria-invalid="true" aria-describedby="photos-m"{{end}}></div>{{end}}
{{define "sum"}}<div class="sum" role="alert"><b>{{.Title}}</b>{{range .Items}}<a href="#{{.ID}}">{{.Words}}</a>{{end}}</div>{{end}}
{{define "trap"}}<p class="hp" aria-hidden="true"><label>请留空<input name="website" tabindex="-1" autocomplete="off"></label></p>{{end}}
`
