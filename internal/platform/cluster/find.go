package cluster

import (
	"errors"
	"fmt"
	"maps"
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
	dirs := installed("postgres", "initdb")
	newest := 0
	for major := range dirs {
		newest = max(newest, major)
	}
	if bin, ok := dirs[wanted]; ok {
		return bin, nil
	}
	have := versions(dirs)
	switch {
	case newest == 0:
		return "", fmt.Errorf("本机没有 PostgreSQL %d 或更新版本。Debian 上请运行 apt-get install postgresql，或设置 DATABASE_URL / no PostgreSQL %[1]d or later on this machine: install it or set DATABASE_URL", oldest)
	case wanted != 0:
		return "", fmt.Errorf("%s 里的数据库由 PostgreSQL %d 建立，本机只有 %s，没有改动任何东西 / the cluster in %[1]s was made by PostgreSQL %[2]d, this machine has %[3]s; nothing was changed", data, wanted, have)
	case newest < oldest:
		return "", fmt.Errorf("本机的 PostgreSQL 是 %s，需要 %d 或更新版本 / PostgreSQL %[2]d or later is needed, this machine has %[1]s", have, oldest)
	}
	return dirs[newest], nil
}

// Programs returns the folder of PostgreSQL's client programs (pg_dump, pg_restore) for a server of this major
// version: the same version where the machine has it, else its newest.
func Programs(server int) (string, error) {
	dirs := installed("pg_dump", "pg_restore")
	newest := 0
	for major := range dirs {
		newest = max(newest, major)
	}
	if bin, ok := dirs[server]; ok {
		return bin, nil
	}
	if newest < server {
		return "", fmt.Errorf("需要 PostgreSQL %d 的 pg_dump 和 pg_restore，请安装 postgresql-client-%[1]d / pg_dump and pg_restore of PostgreSQL %[1]d are needed", server)
	}
	return dirs[newest], nil
}

func versions(dirs map[int]string) string {
	var words []string
	for _, major := range slices.Sorted(maps.Keys(dirs)) {
		words = append(words, strconv.Itoa(major))
	}
	return strings.Join(words, ", ")
}

// installed finds, by major version, the folders that hold both programs, the first of which runs.
func installed(program, beside string) map[int]string {
	dirs := map[int]string{}
	for _, dir := range candidates(program) {
		if _, err := os.Stat(filepath.Join(dir, beside)); err != nil {
			continue
		}
		out, err := exec.Command(filepath.Join(dir, program), "--version").Output() //nolint:noctx // a few milliseconds
		if err != nil {
			continue
		}
		if m := versionLine.FindSubmatch(out); m != nil {
			major, _ := strconv.Atoi(string(m[1])) // digits
			dirs[major] = dir
		}
	}
	return dirs
}

func candidates(program string) []string {
	var dirs []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil { //nolint:noctx // a few milliseconds
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range places {
		found, _ := filepath.Glob(pattern) // the patterns are constants
		dirs = append(dirs, found...)
	}
	if path, err := exec.LookPath(program); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}
