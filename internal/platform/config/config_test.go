package config

import (
	"strings"
	"testing"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

func TestDefaults(t *testing.T) {
	c, err := Load(env())
	if err != nil {
		t.Fatal(err)
	}
	if !c.Embedded() || c.Secure() || c.Demo || c.Addr != "127.0.0.1:8080" || c.PublicURL.String() != "http://127.0.0.1:8080" || !strings.HasSuffix(c.Keys, "/var/keys") {
		t.Errorf("%+v", c)
	}
}

func TestProduction(t *testing.T) {
	c, err := Load(env("DATABASE_URL", "postgres://a", "DATABASE_VAULT_URL", "postgres://v", "SUIXING_KEYS", "/keys", "SUIXING_PUBLIC_URL", "https://sx.example/",
		"S3_ENDPOINT", "https://s3.example", "S3_ACCESS_KEY", "a", "S3_SECRET_KEY", "b", "S3_BUCKET", "photos", "SUIXING_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Embedded() || !c.Secure() || c.S3.Endpoint != "s3.example" || !c.S3.Secure || len(c.TrustedProxies) != 2 || c.PublicURL.Path != "" {
		t.Errorf("%+v", c)
	}
}

// Each wrong or missing value stops the start with one line that names it.
func TestOneLineNamesTheValue(t *testing.T) {
	for _, c := range []struct {
		names string
		env   []string
	}{
		{"SUIXING_ADDR", []string{"SUIXING_ADDR", "8080"}},
		{"SUIXING_PUBLIC_URL", []string{"SUIXING_PUBLIC_URL", "sx.example"}},
		{"SUIXING_PUBLIC_URL", []string{"SUIXING_PUBLIC_URL", "ftp://sx.example"}},
		{"SUIXING_DEMO", []string{"SUIXING_DEMO", "yes please"}},
		{"SUIXING_TRUSTED_PROXIES", []string{"SUIXING_TRUSTED_PROXIES", "everyone"}},
		{"DATABASE_URL", []string{"DATABASE_VAULT_URL", "postgres://v"}},
		{"DATABASE_VAULT_URL", []string{"DATABASE_URL", "postgres://a"}},
		{"SUIXING_KEYS", []string{"DATABASE_URL", "postgres://a", "DATABASE_VAULT_URL", "postgres://v"}},
		{"S3_ENDPOINT", []string{"S3_BUCKET", "photos"}},
		{"S3_ACCESS_KEY", []string{"S3_ENDPOINT", "s3.example"}},
		{"S3_SECRET_KEY", []string{"S3_ENDPOINT", "s3.example", "S3_ACCESS_KEY", "a"}},
		{"S3_BUCKET", []string{"S3_ENDPOINT", "s3.example", "S3_ACCESS_KEY", "a", "S3_SECRET_KEY", "b"}},
	} {
		_, err := Load(env(c.env...))
		if err == nil || !strings.Contains(err.Error(), c.names) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want one line with %s", c.env, err, c.names)
		}
	}
}
