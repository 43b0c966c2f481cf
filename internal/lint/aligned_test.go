// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/require"
)

// On 32-bit machines an atomic word of 64 bits must be aligned by hand: its place in what
// the allocator returns, which is aligned itself, has to be a multiple of eight. A struct
// that a test on 32 bits happens not to use would crash its first user.

var on32 = types.SizesFor("gc", "386")

// wide reports whether t is an atomic word of 64 bits of go.uber.org/atomic.
func wide(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "go.uber.org/atomic" {
		return false
	}
	return n.Obj().Name() == "Int64" || n.Obj().Name() == "Uint64"
}

// misaligned says where a value of type t, which begins at offset, has an atomic word
// that is not aligned.
func misaligned(t types.Type, offset int64, path string) (found []string) {
	if wide(t) {
		if offset%8 != 0 {
			found = append(found, fmt.Sprintf("%s is at %d", path, offset))
		}
		return found
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		for i := range min(u.Len(), 2) { // the second tells whether elements fit
			found = append(found, misaligned(u.Elem(), offset+i*on32.Sizeof(u.Elem()), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case *types.Struct:
		var fields []*types.Var
		for f := range u.Fields() {
			fields = append(fields, f)
		}
		for i, at := range on32.Offsetsof(fields) {
			found = append(found, misaligned(fields[i].Type(), offset+at, path+"."+fields[i].Name())...)
		}
	}
	return found
}

// misalignedIn checks the types that a package declares, generic ones with words of 32
// bits for their parameters.
func misalignedIn(fset *token.FileSet, dir string, files []*ast.File, imp types.Importer) (found []string, err error) {
	pkg, err := (&types.Config{Importer: imp}).Check(module+"/"+dir, fset, files, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range pkg.Scope().Names() {
		obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		t := obj.Type().(*types.Named)
		if n := t.TypeParams().Len(); n > 0 {
			args := make([]types.Type, n)
			for i := range args {
				args[i] = types.Typ[types.Int32]
			}
			of, err := types.Instantiate(nil, t, args, false)
			if err != nil {
				return nil, err
			}
			t = of.(*types.Named)
		}
		for _, what := range misaligned(t, 0, name) {
			found = append(found, fmt.Sprintf("%s: %s: make it the first field, or put it behind other 64-bit words", fset.Position(obj.Pos()), what))
		}
	}
	return found, nil
}

func TestAtomicsAreAligned(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles packages of its own")
	}
	fset := token.NewFileSet()
	imp := exports(t, fset, "none")
	for _, dir := range explored {
		found, err := misalignedIn(fset, dir, sourcesOf(t, fset, dir), imp)
		require.NoError(t, err)
		for _, f := range found {
			t.Error(f)
		}
	}
}

func TestAtomicsAreAlignedFinds(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", `package x
import "go.uber.org/atomic"
type first struct { a atomic.Int64; b int32 }
type second struct { a int32; b atomic.Uint64 }
type inner struct { a int32; b first }
type row [2]first
type of[T any] struct { v T; a atomic.Int64 }
type pointer struct { a int32; b *atomic.Int64 }
`, parser.SkipObjectResolution)
	require.NoError(t, err)
	found, err := misalignedIn(fset, "x", []*ast.File{f}, importer.ForCompiler(fset, "source", nil))
	require.NoError(t, err)
	require.Len(t, found, 4)
	require.Contains(t, found[0], "inner.b.a is at 4")
	require.Contains(t, found[1], "of.a is at 4")
	require.Contains(t, found[2], "row[1].a is at 12")
	require.Contains(t, found[3], "second.b is at 4")
}
