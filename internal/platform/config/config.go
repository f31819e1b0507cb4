// Package config reads the environment once. A missing or wrong value stops the start with one line that names it.
package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
)

// Config is everything the environment decides (DESIGN section 5).
type Config struct {
	Addr           string   // SUIXING_ADDR, 127.0.0.1:8080
	Data           string   // SUIXING_DATA, ./var
	PublicURL      *url.URL // SUIXING_PUBLIC_URL, what QR codes point at
	DatabaseURL    string   // DATABASE_URL: the app's role; empty: the embedded cluster
	VaultURL       string   // DATABASE_VAULT_URL: the revealing role
	OwnerURL       string   // DATABASE_OWNER_URL: for migrations only; empty: the schema must already fit
	S3             S3       // empty endpoint: the folder store
	Keys           string   // SUIXING_KEYS; empty with the embedded default: <data>/keys
	TrustedProxies []string // SUIXING_TRUSTED_PROXIES
	Demo           bool     // SUIXING_DEMO
}

// S3 is where photos go in production.
type S3 struct {
	Endpoint, AccessKey, SecretKey, Bucket string
	Secure                                 bool
}

// Embedded tells whether the private cluster is to be used.
func (c Config) Embedded() bool { return c.DatabaseURL == "" }

// Secure tells whether people reach us by https.
func (c Config) Secure() bool { return c.PublicURL.Scheme == "https" }

// Load reads the environment through getenv.
func Load(getenv func(string) string) (Config, error) {
	or := func(name, fallback string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return fallback
	}
	c := Config{
		Addr: or("SUIXING_ADDR", "127.0.0.1:8080"), DatabaseURL: getenv("DATABASE_URL"), VaultURL: getenv("DATABASE_VAULT_URL"),
		OwnerURL: getenv("DATABASE_OWNER_URL"),
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return c, fmt.Errorf("SUIXING_ADDR %q: want host:port", c.Addr)
	}
	var err error
	if c.Data, err = filepath.Abs(or("SUIXING_DATA", "./var")); err != nil {
		return c, fmt.Errorf("SUIXING_DATA: %w", err)
	}
	if c.PublicURL, err = url.Parse(strings.TrimSuffix(or("SUIXING_PUBLIC_URL", "http://"+c.Addr), "/")); err != nil || c.PublicURL.Host == "" || (c.PublicURL.Scheme != "http" && c.PublicURL.Scheme != "https") {
		return c, fmt.Errorf("SUIXING_PUBLIC_URL %q: want http(s)://host", getenv("SUIXING_PUBLIC_URL"))
	}
	if c.Demo, err = flag(getenv, "SUIXING_DEMO"); err != nil {
		return c, err
	}
	if c.TrustedProxies, err = proxies(getenv("SUIXING_TRUSTED_PROXIES")); err != nil {
		return c, err
	}
	if c.S3, err = loadS3(getenv); err != nil {
		return c, err
	}
	c.Keys = getenv("SUIXING_KEYS")
	return c, c.complete()
}

// complete checks what belongs together.
func (c *Config) complete() error {
	if c.Embedded() {
		if c.VaultURL != "" || c.OwnerURL != "" {
			return fmt.Errorf("DATABASE_URL is missing, but DATABASE_VAULT_URL or DATABASE_OWNER_URL is set")
		}
		if c.Keys == "" {
			c.Keys = filepath.Join(c.Data, "keys")
		}
		return nil
	}
	if c.VaultURL == "" {
		return fmt.Errorf("DATABASE_VAULT_URL is missing: the revealing role needs its own address beside DATABASE_URL")
	}
	if c.Keys == "" {
		return fmt.Errorf("SUIXING_KEYS is missing: with DATABASE_URL set, all instances share one folder of keys")
	}
	return nil
}

func flag(getenv func(string) string, name string) (bool, error) {
	switch v := getenv(name); v {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	default:
		return false, fmt.Errorf("%s %q: want 1 or 0", name, v)
	}
}

func proxies(list string) ([]string, error) {
	var out []string
	for _, p := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if _, _, err := net.ParseCIDR(p); err != nil && net.ParseIP(p) == nil {
			return nil, fmt.Errorf("SUIXING_TRUSTED_PROXIES %q: want addresses or networks, comma between", p)
		}
		out = append(out, p)
	}
	return out, nil
}

func loadS3(getenv func(string) string) (S3, error) {
	s := S3{Endpoint: getenv("S3_ENDPOINT"), AccessKey: getenv("S3_ACCESS_KEY"), SecretKey: getenv("S3_SECRET_KEY"), Bucket: getenv("S3_BUCKET")}
	if s.Endpoint == "" {
		if s.AccessKey+s.SecretKey+s.Bucket != "" {
			return s, fmt.Errorf("S3_ENDPOINT is missing, but other S3_* values are set")
		}
		return s, nil
	}
	for _, v := range []struct{ name, value string }{{"S3_ACCESS_KEY", s.AccessKey}, {"S3_SECRET_KEY", s.SecretKey}, {"S3_BUCKET", s.Bucket}} {
		if v.value == "" {
			return s, fmt.Errorf("%s is missing, but S3_ENDPOINT is set", v.name)
		}
	}
	if u, err := url.Parse(s.Endpoint); err == nil && u.Host != "" && strings.Contains(s.Endpoint, "://") {
		s.Endpoint, s.Secure = u.Host, u.Scheme == "https"
	}
	return s, nil
}
