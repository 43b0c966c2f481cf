// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// ported finds the memory-order words of C++ and Rust. Alone, "acquire" and
// "release" are what one does with a semaphore, and a "release build" is one
// without assertions: they count only beside an atomic step.
var ported = regexp.MustCompile(`(?i)` +
	`\b(relaxed|fence[sd]?)\b` +
	`|\b(memory|store|load|full|compiler)[- ]barriers?\b` +
	`|\b(acq|rel|seq)[-_ ]?(rel|cst)\b` +
	`|\bacquire[-/ ]?release\b|\brelease[-/ ]?acquire\b` +
	`|\b(acquire|release|consume)[- ](load|store|read|write|order(ing|s|ed)?|semantics?|cas|rmw|swap|add|exchange|operation|side|atomics?)\b` +
	`|\b(load|store|read|write|cas|swap|exchange|atomic)[-_ ](with |as an? |is an? )?(acquire|release)[sd]?\b`)

func checkOrderWords(tr *tree) (out []finding) {
	for _, f := range tr.files {
		if f.in("internal/lint") {
			continue
		}
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				if word := ported.FindString(c.Text); word != "" {
					out = append(out, tr.found(c.Pos(), "%q claims what Go does not offer: say which data becomes visible (publish), or which two steps meet (cross); see docs/memory-model.md", word))
				}
			}
		}
	}
	return out
}

func TestNoPortedMemoryOrderWords(t *testing.T) { enforce(t, checkOrderWords) }

func TestNoPortedMemoryOrderWordsFinds(t *testing.T) {
	expect(t, checkOrderWords, map[string]string{
		"deque/a.go": "package deque\n\n// A fence is needed here.\nvar a int // fine: a release build\n\nvar b int // release store\n",
	}, "deque/a.go:3", "deque/a.go:6")

	for _, text := range []string{
		"a relaxed load", "Acquire ordering", "load-acquire", "a store with release semantics",
		"needs a memory barrier", "acq_rel", "SeqCst", "acquire/release pair", "a SeqCst fence",
		"release the lock, with release-store", "an acquire load", "the write is a release",
	} {
		require.Regexp(t, ported, text)
	}
	for _, text := range []string{
		"releases the semaphore", "a release build", "acquire the lock and load it", "released by Close",
		"Relax orders nothing", "a write barrier of the collector", "the barrier of a phase", "defence",
		"a reservation is acquired", "relative to", "store it, release the slot", "who holds it may write and releases it",
	} {
		require.NotRegexp(t, ported, text)
	}
}
