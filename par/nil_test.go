// SPDX-License-Identifier: Apache-2.0

package par

import (
	"go/ast"
	"go/parser"
	places "go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/sched"
)

// A nil function is named by the call that was given it, whatever else there is to
// say: for many elements, for none, and after Close.
func TestNilFunctions(t *testing.T) {
	open, closed := newRuntime(t, 2), newRuntime(t, 1)
	require.NoError(t, closed.Close())
	for _, rt := range []*sched.Runtime{open, closed} {
		for _, n := range []int{0, 1, 1000} {
			calls := nilCalls(rt, make([]int, n))
			for name, calls := range calls {
				for _, call := range calls {
					require.PanicsWithValue(t, "pilfer: nil function or iterator given to "+name, call)
				}
			}
			require.ElementsMatch(t, takeFunctions(t), slices.Collect(maps.Keys(calls)))
		}
	}
}

// nilCalls are calls with a nil function, by the name of who is called.
func nilCalls(rt *sched.Runtime, s []int) map[string][]func() {
	ctx, n := background, len(s)
	add := func(a, b int) int { return a + b }
	zero := func() int { return 0 }
	total := func(int, int) int { return 0 }
	totalErr := func(int, int) (int, error) { return 0, nil }
	write := func(int, int, int) {}
	writeErr := func(int, int, int) error { return nil }
	none := func(func(int) bool) {}
	same := func(v int) (int, error) { return v, nil }
	return map[string][]func(){
		"For":                    {func() { For(rt, n, nil) }},
		"ForContext":             {func() { _ = ForContext(ctx, rt, n, nil) }},
		"ForEach":                {func() { ForEach(rt, s, nil) }},
		"ForEachContext":         {func() { _ = ForEachContext(ctx, rt, s, nil) }},
		"ForBlocks":              {func() { ForBlocks(rt, n, nil) }},
		"ForBlocksContext":       {func() { _ = ForBlocksContext(ctx, rt, n, nil) }},
		"Chunks":                 {func() { Chunks(rt, s, 2, nil) }},
		"ChunksContext":          {func() { _ = ChunksContext(ctx, rt, s, 2, nil) }},
		"Map":                    {func() { Map[[]int, int, int](rt, s, nil) }},
		"MapContext":             {func() { _, _ = MapContext[[]int, int, int](ctx, rt, s, nil) }},
		"MapTo":                  {func() { MapTo(rt, s, s, nil) }},
		"MapToContext":           {func() { _, _ = MapToContext(ctx, rt, s, s, nil) }},
		"Filter":                 {func() { Filter(rt, s, nil) }},
		"FilterContext":          {func() { _, _ = FilterContext(ctx, rt, s, nil) }},
		"Partition":              {func() { Partition(rt, s, nil) }},
		"PartitionContext":       {func() { _, _, _ = PartitionContext(ctx, rt, s, nil) }},
		"GroupBy":                {func() { GroupBy[[]int, int, int](rt, s, nil) }},
		"GroupByContext":         {func() { _, _ = GroupByContext[[]int, int, int](ctx, rt, s, nil) }},
		"Find":                   {func() { Find(rt, s, nil) }},
		"FindContext":            {func() { _, _ = FindContext(ctx, rt, s, nil) }},
		"Any":                    {func() { Any(rt, s, nil) }},
		"AnyContext":             {func() { _, _ = AnyContext(ctx, rt, s, nil) }},
		"All":                    {func() { All(rt, s, nil) }},
		"AllContext":             {func() { _, _ = AllContext(ctx, rt, s, nil) }},
		"Count":                  {func() { Count(rt, s, nil) }},
		"CountContext":           {func() { _, _ = CountContext(ctx, rt, s, nil) }},
		"Reduce":                 {func() { Reduce(rt, s, 0, nil) }},
		"ReduceContext":          {func() { _, _ = ReduceContext(ctx, rt, s, 0, nil) }},
		"ReduceBlocks":           {func() { ReduceBlocks(rt, n, nil, add) }, func() { ReduceBlocks(rt, n, total, nil) }},
		"ReduceBlocksContext":    {func() { _, _ = ReduceBlocksContext(ctx, rt, n, totalErr, nil) }},
		"Fold":                   {func() { Fold(rt, s, nil, add, add) }, func() { Fold(rt, s, zero, nil, add) }, func() { Fold(rt, s, zero, add, nil) }},
		"FoldContext":            {func() { _, _ = FoldContext(ctx, rt, s, zero, plusOrError, nil) }},
		"Scan":                   {func() { Scan(rt, s, nil) }},
		"ScanContext":            {func() { _, _ = ScanContext(ctx, rt, s, nil) }},
		"ScanTo":                 {func() { ScanTo(rt, s, s, nil) }},
		"ScanToContext":          {func() { _, _ = ScanToContext(ctx, rt, s, s, nil) }},
		"ScanExclusive":          {func() { ScanExclusive(rt, s, 0, nil) }},
		"ScanExclusiveContext":   {func() { _, _ = ScanExclusiveContext(ctx, rt, s, 0, nil) }},
		"ScanExclusiveTo":        {func() { ScanExclusiveTo(rt, s, s, 0, nil) }},
		"ScanExclusiveToContext": {func() { _, _ = ScanExclusiveToContext(ctx, rt, s, s, 0, nil) }},
		"ScanBlocks":             {func() { ScanBlocks(rt, n, 0, nil, write, add) }, func() { ScanBlocks(rt, n, 0, total, nil, add) }, func() { ScanBlocks(rt, n, 0, total, write, nil) }},
		"ScanBlocksContext":      {func() { _ = ScanBlocksContext(ctx, rt, n, 0, totalErr, writeErr, nil) }},
		"MinFunc":                {func() { MinFunc(rt, s, nil) }},
		"MinFuncContext":         {func() { _, _ = MinFuncContext(ctx, rt, s, nil) }},
		"MaxFunc":                {func() { MaxFunc(rt, s, nil) }},
		"MaxFuncContext":         {func() { _, _ = MaxFuncContext(ctx, rt, s, nil) }},
		"MergeFunc":              {func() { MergeFunc(rt, s, s, nil) }},
		"MergeToFunc":            {func() { MergeToFunc(rt, s, s, s, nil) }},
		"MergeToFuncContext":     {func() { _ = MergeToFuncContext(ctx, rt, s, s, s, nil) }},
		"SortFunc":               {func() { SortFunc(rt, s, nil) }},
		"SortFuncContext":        {func() { _ = SortFuncContext(ctx, rt, s, nil) }},
		"SortStableFunc":         {func() { SortStableFunc(rt, s, nil) }},
		"SortStableFuncContext":  {func() { _ = SortStableFuncContext(ctx, rt, s, nil) }},
		"IsSortedFunc":           {func() { IsSortedFunc(rt, s, nil) }},
		"IsSortedFuncContext":    {func() { _, _ = IsSortedFuncContext(ctx, rt, s, nil) }},
		"ForSeq":                 {func() { ForSeq(rt, none, nil) }, func() { ForSeq(rt, nil, func(int) {}) }},
		"ForSeqContext":          {func() { _ = ForSeqContext(ctx, rt, none, nil) }, func() { _ = ForSeqContext(ctx, rt, nil, func(int) error { return nil }) }},
		"MapSeq":                 {func() { MapSeq[int, int](rt, none, nil) }, func() { MapSeq(rt, nil, func(int) int { return 0 }) }},
		"MapSeqContext":          {func() { MapSeqContext[int, int](ctx, rt, none, nil) }, func() { MapSeqContext(ctx, rt, nil, same) }},
		"From":                   {func() { From[int](nil) }},
		"FromErr":                {func() { FromErr[int](nil) }},
		"Parallel":               {func() { Parallel[int, int](From(none), nil) }},
		"Serial":                 {func() { Serial[int, int](From(none), nil) }},
	}
}

// takeFunctions returns the names of the exported functions that take functions or
// iterators.
func takeFunctions(t *testing.T) (names []string) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(places.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.IsExported() && slices.ContainsFunc(d.Type.Params.List, isFunction) {
				names = append(names, d.Name.Name)
			}
		}
	}
	return names
}

// isFunction reports whether a parameter is a function, or an iterator.
func isFunction(p *ast.Field) bool {
	switch t := p.Type.(type) {
	case *ast.FuncType:
		return true
	case *ast.IndexExpr:
		return isIterator(t.X)
	case *ast.IndexListExpr:
		return isIterator(t.X)
	}
	return false
}

func isIterator(t ast.Expr) bool {
	s, ok := t.(*ast.SelectorExpr)
	return ok && strings.HasPrefix(s.Sel.Name, "Seq")
}

// A Pipe is made by From: the zero one is named where it is used.
func TestZeroPipe(t *testing.T) {
	rt := newRuntime(t, 1)
	var p Pipe[int]
	same := func(v int) (int, error) { return v, nil }
	for who, call := range map[string]func(){
		"Parallel":   func() { Parallel(p, same) },
		"Serial":     func() { Serial(p, same) },
		"All or Run": func() { p.All(background, rt) },
	} {
		require.PanicsWithValue(t, "pilfer: a zero Pipe given to "+who+": begin one with From or FromErr", call)
	}
}
