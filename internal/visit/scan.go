package visit

import (
	"encoding/json"
	"errors"
)

// People and Standings come out of JSON columns, as a kept Sheet does.
type People []Person

// Standings are the officers of a sheet by the register.
type Standings []Standing

// Scan reads what json_agg made.
func (p *People) Scan(v any) error { return scanJSON(v, p) }

// Scan reads the column.
func (s *Standings) Scan(v any) error { return scanJSON(v, s) }

// Scan reads a kept body.
func (s *Sheet) Scan(v any) error { return scanJSON(v, s) }

func scanJSON(v, dest any) error {
	b, ok := v.([]byte)
	if !ok {
		return errors.New("visit: not a JSON column")
	}
	return json.Unmarshal(b, dest)
}
