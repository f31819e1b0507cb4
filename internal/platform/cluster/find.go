package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const oldest = 15

// places where packagers put PostgreSQL's programs, beside pg_config's answer and the PATH.
var places = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // PGDG on RHEL and its relatives
	"/usr/libexec/postgresql*",  // Alpine
	"/usr/local/pgsql/bin",      // built from source
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf reads the major version of the cluster in data, 0 where there is none yet.
func majorOf(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err == nil {
		major, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil {
			return 0, fmt.Errorf("%s 里的 PG_VERSION 看不懂，没有改动任何东西 / PG_VERSION in %[1]s is not a version; nothing was changed", data)
		}
		return major, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("数据库文件夹 %s 读不了 / cannot read the database folder: %w", data, err)
	}
	entries, err := os.ReadDir(data)
	if err == nil && len(entries) > 0 {
		return 0, fmt.Errorf("%s 不是空的，也不是数据库，没有改动任何东西 / %[1]s is neither empty nor a database; nothing was changed", data)
	}
	return 0, nil
}

// findPrograms returns the folder of PostgreSQL's programs: of the wanted major version, or the newest where it is 0.
func findPrograms(wanted int, data string) (string, error) {
	best, bin, seen := 0, "", []int{}
	for _, dir := range candidates() {
		major := programVersion(dir)
		if major == 0 {
			continue
		}
		seen = append(seen, major)
		if major == wanted {
			return dir, nil
		}
		if major > best {
			best, bin = major, dir
		}
	}
	switch {
	case len(seen) == 0:
		return "", fmt.Errorf("本机没有 PostgreSQL %d 或更新版本。Debian 上请运行 apt-get install postgresql，或设置 DATABASE_URL / no PostgreSQL %[1]d or later on this machine: install it or set DATABASE_URL", oldest)
	case wanted != 0:
		return "", fmt.Errorf("%s 里的数据库由 PostgreSQL %d 建立，本机只有 %s，没有改动任何东西 / the cluster in %[1]s was made by PostgreSQL %[2]d, this machine has %[3]s; nothing was changed",
			data, wanted, versions(seen))
	case best < oldest:
		return "", fmt.Errorf("本机的 PostgreSQL 是 %s，需要 %d 或更新版本 / PostgreSQL %[2]d or later is needed, this machine has %[1]s", versions(seen), oldest)
	}
	return bin, nil
}

func versions(seen []int) string {
	slices.Sort(seen)
	var words []string
	for _, v := range slices.Compact(seen) {
		words = append(words, strconv.Itoa(v))
	}
	return strings.Join(words, ", ")
}

func candidates() []string {
	var dirs []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil { //nolint:noctx // a few milliseconds
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range places {
		found, _ := filepath.Glob(pattern) // the patterns are constants
		dirs = append(dirs, found...)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// programVersion is 0 unless the folder holds both programs and they run.
func programVersion(dir string) int {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output() //nolint:noctx // a few milliseconds
	if err != nil {
		return 0
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}
