package web

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/platform/clock"
)

// Test requests come from 0.0.0.0.
func TestAddressBehindProxies(t *testing.T) {
	for name, c := range map[string]struct {
		trusted []string
		said    []string
		want    string
	}{
		"nobody trusted":             {nil, []string{"9.9.9.9"}, "0.0.0.0"},
		"another trusted":            {[]string{"10.0.0.1"}, []string{"9.9.9.9"}, "0.0.0.0"},
		"one proxy":                  {[]string{"0.0.0.0"}, []string{"9.9.9.9"}, "9.9.9.9"},
		"a proxy that appends":       {[]string{"0.0.0.0"}, []string{"1.2.3.4, 9.9.9.9"}, "9.9.9.9"},
		"a second line":              {[]string{"0.0.0.0"}, []string{"1.2.3.4", "9.9.9.9"}, "9.9.9.9"},
		"two proxies":                {[]string{"0.0.0.0", "10.0.0.0/8"}, []string{"1.2.3.4, 9.9.9.9, 10.1.2.3"}, "9.9.9.9"},
		"no address":                 {[]string{"0.0.0.0"}, []string{"1.2.3.4, unknown"}, "0.0.0.0"},
		"IPv6":                       {[]string{"0.0.0.0"}, []string{"2001:db8::7"}, "2001:db8::7"},
		"said nothing":               {[]string{"0.0.0.0"}, nil, "0.0.0.0"},
		"IPv4 in IPv6 is the IPv4":   {[]string{"0.0.0.0"}, []string{"::ffff:9.9.9.9"}, "9.9.9.9"},
		"all ours: the furthest one": {[]string{"0.0.0.0", "10.0.0.0/8"}, []string{"10.0.0.9, 10.1.2.3"}, "10.0.0.9"},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(Options{Log: slog.New(slog.DiscardHandler), Now: clock.Real, TrustedProxies: c.trusted})
			r.Plain("GET", "/where", Anyone, "where", func(c *fiber.Ctx) error { return c.SendString(Address(c.UserContext())) })
			req := httptest.NewRequest("GET", "/where", nil)
			for _, s := range c.said {
				req.Header.Add("X-Forwarded-For", s)
			}
			res, err := r.App.Test(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if got, _ := io.ReadAll(res.Body); string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
