package app_test

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"suixing/internal/demo"
)

// bodies makes what a request carries: from the OpenAPI document where it says what that is, by hand where it does not.
type bodies struct {
	p   *planted
	doc struct {
		Paths      map[string]map[string]operation `json:"paths"`
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
}

type operation struct {
	Parameters []struct {
		Name   string `json:"name"`
		In     string `json:"in"`
		Schema schema `json:"schema"`
	} `json:"parameters"`
	RequestBody struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Format     string            `json:"format"`
	Enum       []any             `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	Minimum    *float64          `json:"minimum"`
	MinItems   int               `json:"minItems"`
	MinLength  int               `json:"minLength"`
	MaxLength  *int              `json:"maxLength"`
	Additional any               `json:"additionalProperties"`
}

func newBodies(p *planted) *bodies {
	b := &bodies{p: p}
	p.nobody().do("GET", "/openapi.json", nil).want(200).into(&b.doc)
	return b
}

func (b *bodies) operation(r row) operation { return b.doc.Paths[r.path][strings.ToLower(r.method)] }

// searches tells whether a route takes a search.
func (b *bodies) searches(r row) bool {
	for _, p := range b.operation(r).Parameters {
		if p.In == "query" && p.Name == "q" {
			return true
		}
	}
	return false
}

// of is the body of a request and its type: the one the table names, else one made from the document.
func (b *bodies) of(r row, id string) (any, string) {
	if r.method == "GET" || r.method == "DELETE" || r.body == "none" {
		return nil, ""
	}
	if f, ok := named[r.body]; ok {
		return f(b.p, id)
	}
	for kind, c := range b.operation(r).RequestBody.Content {
		if kind == "application/json" {
			return b.sample("", c.Schema, 0), kind
		}
	}
	return []byte{}, "application/json"
}

// known are values for fields by their names; anything else gets the plainest value its schema allows.
func (b *bodies) known(name string) any {
	p := b.p.ppl
	switch name {
	case "agency_id":
		return p.Agencies[0].ID
	case "office_id":
		return p.Offices[0].ID
	case "business_id":
		return p.Businesses[p.Offices[0].ID][1].ID
	case "successor_id":
		return p.Accounts["supervisor"].ID
	case "problem_id":
		return b.p.ids["problem"]["own"]
	case "id", "request_id", "epoch":
		return newID(b.p.t)
	case "version":
		return 1
	case "reason", "text", "fact", "conclusion", "measures", "result", "note":
		return "按要求办理这一项，写满十个字。"
	case "from", "to", "until", "due_on", "served_on", "planned_on", "checked_on", "effective_from", "happened_on", "valid_from", "valid_to":
		return b.p.day(14)
	case "phone":
		return "0373-1234567"
	case "role":
		return "hotline"
	case "kind":
		return nil
	}
	return nil
}

func (b *bodies) sample(name string, s schema, depth int) any {
	if s.Ref != "" {
		s = b.doc.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	if v := b.known(name); v != nil && len(s.Enum) == 0 && s.Properties == nil && s.Items == nil {
		return v
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	if depth > 8 {
		return nil
	}
	switch typeOf(s) {
	case "object":
		out := map[string]any{}
		for _, k := range s.Required {
			out[k] = b.sample(k, s.Properties[k], depth+1)
		}
		return out
	case "array":
		out := []any{}
		for range s.MinItems {
			out = append(out, b.sample(name, *s.Items, depth+1))
		}
		return out
	case "integer", "number":
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case "boolean":
		return false
	}
	switch s.Format {
	case "uuid":
		return uuid.NewString()
	case "date-time":
		return "2026-05-06T02:00:00Z"
	case "date":
		return "2026-05-06"
	}
	return "示例文字"
}

func typeOf(s schema) string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		for _, x := range t {
			if x != "null" {
				text, _ := x.(string)
				return text
			}
		}
	}
	return ""
}

// named are bodies made by hand, called by name in matrix.txt. The record is the one asked for.
var named = map[string]func(p *planted, id string) (any, string){
	"reveal-feedback": func(_ *planted, id string) (any, string) {
		return map[string]any{"case_kind": "feedback", "case_id": id, "reason": "按约回访核实情况"}, "application/json"
	},
	"reveal-complaint": func(_ *planted, id string) (any, string) {
		return map[string]any{"case_kind": "complaint", "case_id": id, "reason": "按约回访核实情况"}, "application/json"
	},
	"security": func(*planted, string) (any, string) {
		return map[string]any{"totp_roles": []string{}, "idle_minutes": 60, "absolute_hours": 12}, "application/json"
	},
	"plan": func(p *planted, _ string) (any, string) { return p.plan(0), "application/json" },
	"replan": func(p *planted, id string) (any, string) {
		plan := p.plan(0)
		if id == p.ids["plan"]["sibling"] {
			plan = p.plan(1)
		}
		plan["version"] = 1
		return plan, "application/json"
	},
	"draft": func(*planted, string) (any, string) {
		return map[string]any{"form": map[string]any{"target": "执法大队"}}, "application/json"
	},
	"own-visit": func(p *planted, _ string) (any, string) {
		return map[string]any{"visit_id": p.ids["visit"]["own"]}, "application/json"
	},
	"visit-of": func(_ *planted, id string) (any, string) { return map[string]any{"visit_id": id}, "application/json" },
	"sheet": func(p *planted, id string) (any, string) {
		raw, _ := json.Marshal(map[string]any{"id": id})
		return raw, "application/json"
	},
	"jpeg": func(*planted, string) (any, string) { return jpegOf(7), "image/jpeg" },
	"login": func(*planted, string) (any, string) {
		return map[string]any{"username": "supervisor5", "password": demo.Password}, "application/json"
	},
	"password": func(*planted, string) (any, string) {
		return map[string]any{"current": "wrong-password", "new": "another-password-1"}, "application/json"
	},
	"xlsx": func(*planted, string) (any, string) {
		return []byte("PK\x03\x04 no workbook"), "application/octet-stream"
	},
	"code": func(*planted, string) (any, string) {
		return url.Values{"code": {"ABCD-EFGH-JKMN"}, "r": {"ABCD-EFGH-JKMN-PQRS"}}, "application/x-www-form-urlencoded"
	},
	"form": func(*planted, string) (any, string) {
		return url.Values{"fact": {"x"}, "website": {""}}, "application/x-www-form-urlencoded"
	},
}
