package web

import (
	"path"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

var qualified = regexp.MustCompile(`[\w./-]*/(\w+)\.(\w+)`)

// schemaName names a type in the OpenAPI document by its feature and its word, as VisitBusiness and DirectoryBusiness.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		return huma.DefaultSchemaNamer(t, hint)
	}
	outer, inner, generic := strings.Cut(name, "[")
	if !generic {
		if !strings.Contains(t.PkgPath(), "suixing/") {
			return huma.DefaultSchemaNamer(t, hint)
		}
		return featured(path.Base(t.PkgPath()), name)
	}
	parts := ""
	for _, m := range qualified.FindAllStringSubmatch(inner, -1) {
		parts += featured(m[1], m[2])
	}
	return outer + parts
}

func featured(pkg, name string) string {
	feature := strings.ToUpper(pkg[:1]) + pkg[1:]
	name = strings.ToUpper(name[:1]) + name[1:]
	if strings.HasPrefix(name, feature) {
		return name
	}
	return feature + name
}
