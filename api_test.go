package allroads_test

import (
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"strings"
	"testing"
)

// isPublic reports whether other programs import a package.
func isPublic(p goPackage) bool {
	name, ours := strings.CutPrefix(p.ImportPath, module)
	return ours && len(p.GoFiles) > 0 && !strings.HasPrefix(name, "internal/") && !strings.HasPrefix(name, "cmd/") && !strings.HasPrefix(name, "bench/")
}

// TestPublicAPI holds the public packages to types of their own, of each other
// and of the standard library: whoever uses them should not be bound to what
// they are made with.
func TestPublicAPI(t *testing.T) {
	exports := map[string]string{}
	var public []string
	for _, p := range listPackages(t, "-export", "-deps", "./...") {
		exports[p.ImportPath] = p.Export
		if isPublic(p) {
			public = append(public, strings.TrimPrefix(p.ImportPath, module))
		}
	}
	if len(public) < 5 {
		t.Errorf("only %v are public", public)
	}
	load := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	for _, name := range public {
		p, err := load.Import(module + name)
		if err != nil {
			t.Fatal(err)
		}
		walk := apiWalk{seen: map[types.Type]bool{}, foreign: map[string]bool{}}
		for _, id := range p.Scope().Names() {
			if object := p.Scope().Lookup(id); object.Exported() {
				walk.visit(object.Type())
			}
		}
		if len(walk.seen) == 0 {
			t.Errorf("%s exports nothing", name)
		}
		for path := range walk.foreign {
			t.Errorf("the API of %s shows types of %s", name, path)
		}
	}
}

// apiWalk goes through the types that an API shows.
type apiWalk struct {
	seen    map[types.Type]bool
	foreign map[string]bool // packages that should not be seen
}

func (w *apiWalk) visit(typ types.Type) {
	if w.seen[typ] {
		return
	}
	w.seen[typ] = true
	switch typ := typ.(type) {
	case *types.Named:
		w.named(typ)
	case *types.Alias:
		w.visit(types.Unalias(typ))
	case *types.Pointer:
		w.visit(typ.Elem())
	case *types.Slice:
		w.visit(typ.Elem())
	case *types.Array:
		w.visit(typ.Elem())
	case *types.Chan:
		w.visit(typ.Elem())
	case *types.Map:
		w.visit(typ.Key())
		w.visit(typ.Elem())
	case *types.Signature:
		w.tuple(typ.Params())
		w.tuple(typ.Results())
	case *types.Struct:
		for field := range typ.Fields() {
			if field.Exported() {
				w.visit(field.Type())
			}
		}
	case *types.Interface:
		for method := range typ.Methods() {
			w.visit(method.Type())
		}
	}
}

func (w *apiWalk) tuple(tuple *types.Tuple) {
	for v := range tuple.Variables() {
		w.visit(v.Type())
	}
}

func (w *apiWalk) named(typ *types.Named) {
	if p := typ.Obj().Pkg(); p != nil {
		path, ours := strings.CutPrefix(p.Path(), module)
		if ours && strings.HasPrefix(path, "internal/") || !ours && strings.Contains(p.Path(), ".") {
			w.foreign[p.Path()] = true
			return
		}
		if !ours {
			return // What the standard library shows is its own affair.
		}
	}
	w.visit(typ.Underlying())
	for method := range typ.Methods() {
		if method.Exported() {
			w.visit(method.Type())
		}
	}
}
