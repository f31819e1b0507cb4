//go:build linux

package app_test

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

const insideEnv = "SUIXING_INSIDE_NO_NETWORK"

// NoEgress: the built server with its own PostgreSQL does everything of a short story in a network namespace that has
// nothing but loopback. What needed another machine would fail there.
func TestNoEgress(t *testing.T) {
	if _, err := built(); err != nil { // the build may use the network
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestInsideNoNetwork$", "-test.v", "-test.timeout=8m") //nolint:noctx // it has a limit of its own
	bin, _ := built()
	cmd.Env = append(os.Environ(), insideEnv+"=1", "SUIXING_BIN="+bin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if cmd.Process == nil {
		t.Skipf("this machine lets nobody make a network namespace, neither root nor in a user namespace: %v", err)
	}
	if err != nil || !strings.Contains(string(out), "no network: the story went through") {
		t.Errorf("without a network: %v\n%s", err, out)
	}
}

// TestInsideNoNetwork is what TestNoEgress runs in the namespace.
func TestInsideNoNetwork(t *testing.T) {
	if os.Getenv(insideEnv) == "" {
		return // part of TestNoEgress
	}
	raiseLoopback(t)
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if ip, _, err := net.ParseCIDR(a.String()); err != nil || !ip.IsLoopback() {
			t.Fatalf("there is a network: %s", a)
		}
	}
	if conn, err := net.DialTimeout("tcp", "192.0.2.1:80", time.Second); err == nil || !strings.Contains(err.Error(), "unreachable") {
		t.Fatalf("there is a way out: %v %v", conn, err)
	}
	s := serveBuilt(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/c", "/t", "/f", "/v", "/c/notice"} {
		s.nobody().do("GET", path, nil, "Accept", "text/html").want(200)
	}
	sup, office, county := s.as("supervisor"), s.as("office"), s.as("county")
	sup.do("GET", "/api/field/pack", nil).want(200)
	photo, sha := picture(t, 77)
	sup.do("PUT", "/api/photos/"+sha, photo, "Content-Type", "image/jpeg").want(201)
	sup.do("GET", "/api/photos/"+sha+"?size=view", nil).want(200)
	sup.do("POST", "/api/tickets", map[string]any{"request_id": newID(t), "count": 2}).want(200, 201)
	page := s.nobody().do("GET", "/c", nil, "Accept", "text/html").want(200)
	v := url.Values{"unit": {"示例镇A综合执法大队"}, "day": {time.Now().AddDate(0, 0, -1).Format("2006-01-02")}, "place": {"示例路"}, "fact": {"执法队员上门时训斥店主并收走账本，没有出示证件。"}, "stage": {"none"}, "P1": {"n"}, "consent": {"y"}, "website": {""},
		"O1": {"http://192.0.2.1/x.png file:///etc/passwd"}}
	s.nobody().formNamed("/c", page.body, v, "http://192.0.2.1/x.jpg", photo).want(303)
	for path, who := range map[string]*client{"/api/problems.xlsx": county, "/api/import/officers/template": county, "/api/leads": office, "/api/visits": office, "/api/complaints": county, "/api/directory": office} {
		who.do("GET", path, nil).want(200)
	}
	id := office.do("GET", "/api/businesses", nil).want(200).str("items.0.id")
	wall := office.do("POST", "/api/walls", map[string]any{"business_id": id}).want(200, 201).str("id")
	office.do("GET", "/api/walls/"+wall+"/poster.pdf", nil).want(200)
	if hostileFull {
		s.filled() // the demo's months of work come in through the same services
	}
	if code := s.stop(); code != 0 || strings.Contains(s.out.String(), `"level":"ERROR"`) {
		t.Fatalf("ended with %d: %s", code, s.out)
	}
	t.Log("no network: the story went through")
}

func raiseLoopback(t *testing.T) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(fd) }()
	req := struct { // struct ifreq
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(req.name[:], "lo")
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req))); no != 0 {
		t.Fatal(no)
	}
}
