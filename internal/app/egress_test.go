package app

import (
	"go/ast"
	"strconv"
	"strings"
	"testing"
)

// calls are what reaches for another machine, by package. Types, constants and what serves are free.
var calls = map[string][]string{
	"net/http":                    {"Get", "Post", "PostForm", "Head", "Client", "DefaultClient", "Transport", "DefaultTransport", "NewRequest", "NewRequestWithContext", "ProxyFromEnvironment"},
	"net":                         {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver", "LookupHost", "LookupIP", "LookupAddr", "LookupTXT", "LookupMX", "LookupSRV", "LookupCNAME", "LookupNS", "LookupPort", "ResolveTCPAddr", "ResolveUDPAddr", "ResolveIPAddr"},
	"crypto/tls":                  {"Dial", "DialWithDialer", "Dialer", "Client"},
	"net/smtp":                    {"*"},
	"net/rpc":                     {"*"},
	"net/rpc/jsonrpc":             {"*"},
	"github.com/valyala/fasthttp": {"Client", "HostClient", "PipelineClient", "LBClient", "Do", "DoTimeout", "DoDeadline", "DoRedirects", "Get", "GetTimeout", "GetDeadline", "Post", "Dial", "DialTimeout", "DialDualStack", "TCPDialer"},
	"github.com/gofiber/fiber/v2": {"Get", "Post", "Put", "Patch", "Delete", "Head", "Agent", "AcquireAgent", "Client", "AcquireClient"},
	"golang.org/x/net/websocket":  {"*"}, "google.golang.org/grpc": {"*"},
	"github.com/gofiber/fiber/v2/middleware/proxy": {"*"},
}

// speakers may import a library that connects: to the photo store, to the database. Nothing a user sends chooses where.
var speakers = map[string][]string{
	"github.com/minio/": {"platform/blob/s3.go"},
	"github.com/lib/pq": {"platform/db/"},
}

// NoEgress, by the source: beside the store's and the database's own libraries, nothing in the product calls out. So no
// address that somebody types can be fetched.
func TestNothingCallsOut(t *testing.T) {
	seen := 0
	for _, s := range sources(t) {
		if isTest(s) || strings.HasPrefix(s.rel, "platform/blob/blobtest/") {
			continue
		}
		names := map[string]string{} // as the file calls it, to its path
		for _, imp := range s.file.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			name := path[strings.LastIndex(path, "/")+1:]
			if name == "v2" || name == "v3" {
				name = strings.Split(path, "/")[len(strings.Split(path, "/"))-2]
			}
			if imp.Name != nil {
				name = imp.Name.Name
			}
			names[name] = path
			for lib, where := range speakers {
				if !strings.HasPrefix(path, lib) {
					continue
				}
				seen++
				if lib == "github.com/lib/pq" && connectsNot(s) {
					continue
				}
				if !strings.HasPrefix(s.rel, where[0]) {
					t.Errorf("%s imports %s; only %s speaks to another machine by it", s.rel, path, where[0])
				}
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || x.Obj != nil { // a variable of that name
				return true
			}
			for _, name := range calls[names[x.Name]] {
				if name == sel.Sel.Name || name == "*" {
					t.Errorf("%s:%d calls %s.%s: the product fetches nothing", s.rel, s.fset.Position(sel.Pos()).Line, x.Name, sel.Sel.Name)
				}
			}
			return true
		})
	}
	if seen < 2 {
		t.Errorf("the store's and the database's library were seen %d times: the test looks past them", seen)
	}
}

// connectsNot tells whether a file uses of the database's library only its types for arrays and errors.
func connectsNot(s source) bool {
	only := true
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "pq" && x.Obj == nil {
				switch name := sel.Sel.Name; name {
				case "Array", "StringArray", "Int64Array", "Error", "QuoteIdentifier", "QuoteLiteral", "ByteaArray", "BoolArray", "GenericArray", "NullTime", "ErrorCode":
				default:
					only = false
				}
			}
		}
		return true
	})
	return only
}
