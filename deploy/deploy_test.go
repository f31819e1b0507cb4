// Package deploy_test holds the production files to their promises where no Docker engine is at hand: the compose file
// as compose itself reads it, the role script on a real PostgreSQL, the front on a real Caddy (docs/adr/0005).
package deploy_test

import (
	"context"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

var secrets = map[string]string{
	"SUIXING_HOST": "suixing.example.cn", "SUIXING_TLS": "internal",
	"POSTGRES_PASSWORD": "pg-secret-1", "SUIXING_OWNER_PASSWORD": "owner-secret-2", "SUIXING_APP_PASSWORD": "app-secret-3",
	"SUIXING_VAULT_PASSWORD": "vault-secret-4", "S3_ACCESS_KEY": "s3-secret-5", "S3_SECRET_KEY": "s3-secret-6",
}

func load(ctx context.Context, env map[string]string) (*types.Project, error) {
	details := types.ConfigDetails{WorkingDir: "..", Environment: maps.Clone(env), ConfigFiles: []types.ConfigFile{{Filename: "../docker-compose.yml"}}}
	return loader.LoadWithContext(ctx, details, func(o *loader.Options) { o.SetProjectName("suixing", true) })
}

func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t.Context(), secrets)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeHasTheParts(t *testing.T) {
	p := project(t)
	if got, want := slices.Sorted(maps.Keys(p.Services)), []string{"app", "caddy", "db", "keys", "migrate", "minio"}; !slices.Equal(got, want) {
		t.Errorf("services %v, want %v", got, want)
	}
	for name, want := range map[string][]string{"caddy": {"caddy:/data"}, "app": {"keys:/var/lib/suixing/keys"}, "migrate": {"keys:/var/lib/suixing/keys"}, "keys": {"keys:/var/lib/suixing/keys"},
		"db": {"db:/var/lib/postgresql/data"}, "minio": {"photos:/data"}} {
		var got []string
		for _, v := range p.Services[name].Volumes {
			if v.Type == types.VolumeTypeVolume {
				got = append(got, v.Source+":"+v.Target)
				if _, ok := p.Volumes[v.Source]; !ok {
					t.Errorf("%s: volume %s is not declared", name, v.Source)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s keeps its data in %v, want %v", name, got, want)
		}
	}
}

func TestComposeNamesEveryMissingSecret(t *testing.T) {
	for missing := range secrets {
		for _, empty := range []bool{false, true} {
			env := maps.Clone(secrets)
			delete(env, missing)
			if empty {
				env[missing] = ""
			}
			if _, err := load(t.Context(), env); err == nil || !strings.Contains(err.Error(), missing) {
				t.Errorf("without %s (empty: %v): %v, want an error that names it", missing, empty, err)
			}
		}
	}
}

// A secret in the file itself would be every county's secret.
func TestComposeHasNoSecretsOfItsOwn(t *testing.T) {
	p := project(t)
	secretName := regexp.MustCompile(`PASSWORD|SECRET|ACCESS_KEY|_URL$|ROOT_USER`)
	for name, s := range p.Services {
		for key, value := range s.Environment {
			if !secretName.MatchString(key) || key == "SUIXING_PUBLIC_URL" || value == nil {
				continue
			}
			if !slices.ContainsFunc(slices.Collect(maps.Values(secrets)), func(v string) bool { return strings.Contains(*value, v) }) {
				t.Errorf("%s: %s=%s does not come from the environment", name, key, *value)
			}
		}
	}
	raw, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`\$\{[A-Z0-9_]+:?-`).FindString(string(raw)); found != "" {
		t.Errorf("%s gives a default", found)
	}
	example, err := os.ReadFile("env.example")
	if err != nil {
		t.Fatal(err)
	}
	for name := range secrets {
		if !regexp.MustCompile(`(?m)^` + name + `=$`).Match(example) {
			t.Errorf("env.example does not list %s, or gives it a value", name)
		}
	}
}

func TestComposeServicesAreConfined(t *testing.T) {
	p := project(t)
	for name, s := range p.Services {
		user, _, _ := strings.Cut(s.User, ":")
		if user == "" || user == "0" || user == "root" {
			t.Errorf("%s runs as %q", name, s.User)
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 || s.Privileged || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s is not confined: read_only %v, cap_drop %v, cap_add %v, %v", name, s.ReadOnly, s.CapDrop, s.CapAdd, s.SecurityOpt)
		}
		if (len(s.Ports) > 0) != (name == "caddy") {
			t.Errorf("%s publishes %v; the front alone is to be reached", name, s.Ports)
		}
		if name != "migrate" && name != "keys" && (s.HealthCheck == nil || s.HealthCheck.Disable || len(s.HealthCheck.Test) < 2) {
			t.Errorf("%s has no health check", name)
		}
		for network := range s.Networks {
			if network != "outside" && !p.Networks[network].Internal {
				t.Errorf("%s: network %s leads outside", name, network)
			}
		}
		_, outside := s.Networks["outside"]
		if outside != (name == "caddy") {
			t.Errorf("%s on the outside network: %v", name, outside)
		}
	}
	if _, both := p.Services["caddy"].Networks["back"]; both {
		t.Error("the front reaches the database's network")
	}
	for _, name := range []string{"app", "caddy", "db", "keys", "minio"} {
		if env := p.Services[name].Environment; env["DATABASE_OWNER_URL"] != nil {
			t.Errorf("%s holds the schema owner's credentials", name)
		}
	}
}

func TestComposeStartsInOrder(t *testing.T) {
	p := project(t)
	for _, w := range []struct{ service, needs, condition string }{
		{"caddy", "app", types.ServiceConditionHealthy}, {"app", "migrate", types.ServiceConditionCompletedSuccessfully},
		{"migrate", "keys", types.ServiceConditionCompletedSuccessfully}, {"app", "minio", types.ServiceConditionHealthy}, {"migrate", "db", types.ServiceConditionHealthy},
	} {
		if got := p.Services[w.service].DependsOn[w.needs].Condition; got != w.condition {
			t.Errorf("%s waits for %s until %q, want %q", w.service, w.needs, got, w.condition)
		}
	}
}

var (
	stageLine = regexp.MustCompile(`(?mi)^FROM\s+\S+\s+AS\s+(\S+)`)
	userLine  = regexp.MustCompile(`(?m)^USER\s+(\S+)`)
)

func TestDockerfileStages(t *testing.T) {
	raw, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]string{}
	found := stageLine.FindAllSubmatchIndex(raw, -1)
	for i, m := range found {
		end := len(raw)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		stages[string(raw[m[2]:m[3]])] = string(raw[m[0]:end])
	}
	for name, s := range project(t).Services {
		if s.Build == nil {
			continue
		}
		body, ok := stages[s.Build.Target]
		if !ok {
			t.Errorf("%s is built from stage %q, which the Dockerfile has not", name, s.Build.Target)
			continue
		}
		users := userLine.FindAllStringSubmatch(body, -1)
		if len(users) == 0 || strings.HasPrefix(users[len(users)-1][1], "0") || strings.HasPrefix(users[len(users)-1][1], "root") {
			t.Errorf("stage %s does not end as an ordinary user: %v", s.Build.Target, users)
		}
	}
	if !strings.Contains(stages["build"], "CGO_ENABLED=0 go build") {
		t.Error("the app is not built as one static program")
	}
}
