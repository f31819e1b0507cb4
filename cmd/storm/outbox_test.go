package main

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
)

// The table that the field app's own outbox is tested with.
const vectors = "../../pwa/test/vectors/outbox.json"

type vector struct {
	Name      string          `json:"name"`
	Item      item            `json:"item"`
	Step      step            `json:"step"`
	Outcome   outcome         `json:"outcome"`
	Now       int64           `json:"now"`
	Random    float64         `json:"random"`
	Want      item            `json:"want"`
	Next      *step           `json:"next"`
	Due       map[string]bool `json:"due"`
	Wakes     map[string]bool `json:"wakes"`
	Again     *item           `json:"again"`
	SendAgain *item           `json:"send_again"`
}

func TestOutboxIsTheFieldApps(t *testing.T) {
	raw, err := os.ReadFile(vectors)
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Cases []vector `json:"cases"`
	}
	if err := json.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Cases) < 100 {
		t.Fatalf("only %d lines in the table", len(table.Cases))
	}
	for _, c := range table.Cases {
		t.Run(c.Name, func(t *testing.T) { c.hold(t) })
	}
}

func (c vector) hold(t *testing.T) {
	before, _ := json.Marshal(c.Item)
	got := settle(c.Item, c.Step, c.Outcome, c.Now, c.Random)
	same(t, "settle", got, c.Want)
	if after, _ := json.Marshal(c.Item); !slices.Equal(before, after) {
		t.Error("settle changed what it was given")
	}
	if c.Next != nil {
		same(t, "next", nextStep(got), *c.Next)
	}
	const year = int64(365 * 24 * 3600_000)
	for clock, at := range map[string]int64{"at_once": c.Now, "at_next": min(got.NextAt, c.Now+year), "one_ms_before": got.NextAt - 1,
		"clock_set_back_ten_years": c.Now - 10*year, "clock_set_on_ten_years": c.Now + 10*year} {
		if due(got, at, "me") != c.Due[clock] {
			t.Errorf("due %s is not %v", clock, c.Due[clock])
		}
	}
	if due(got, c.Now+year, "you") {
		t.Error("due for another account")
	}
	for event, is := range c.Wakes {
		if wakes(got, event) != is {
			t.Errorf("%s wakes is not %v", event, is)
		}
	}
	if got.State == "sent" && got.ReceivedAt > 0 && (spent(got, got.ReceivedAt+weekMS) || !spent(got, got.ReceivedAt+weekMS+1)) {
		t.Error("not kept for exactly seven days")
	}
	if c.Again != nil {
		same(t, "again", again(got), *c.Again)
	}
	if c.SendAgain != nil {
		same(t, "send_again", sendAgain(got), *c.SendAgain)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Errorf("%s\n got %s\nwant %s", what, g, w)
	}
}
