// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"log/slog"
	"reflect"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
)

// settleForks joins all frames from level base on whose own join will never
// come: a panic or Goexit has left the functions that forked them. Those that
// nobody has run are run now, as Join promises that both halves are; their
// results are dropped, what they panic with is logged, and Goexit ends only the
// half that calls it.
//
// Caller: owner.
func (w *Worker) settleForks(base int) {
	for w.hi > base {
		me := w.sitter.Load()
		var over point.WaitGroup
		over.Add(1)
		point.Go(func() { // as nothing else stops Goexit
			defer over.Done()
			w.settleHere(base)
		})
		over.Wait()
		w.sitter.Store(me)
	}
}

// settleHere is settleForks, until a half calls Goexit.
//
// Caller: owner, by its proxy.
func (w *Worker) settleHere(base int) {
	w.sitter.Store(uint64(self.Goroutine()))
	for w.hi > base {
		h := w.hi - 1
		fr := w.frames[h]
		if w.takeTop() {
			w.runOrphan(h, fr)
		} else {
			w.logOrphan(fr, fr.head().reset())
		}
	}
}

// runOrphan runs the frame of level h, for which nobody waits.
//
// Caller: owner, who has taken the frame off the stack.
func (w *Worker) runOrphan(h int, fr forked) {
	w.frames[h] = nil // its level is free for what it forks
	current := w.current
	defer func() {
		w.current = current
		w.logOrphan(fr, fr.head().reset())
		if w.frames[h] == nil {
			w.frames[h] = fr
		}
	}()
	fr.head().under = w.scopeAt(h)
	w.protect(&fr.head().Job)
}

// logOrphan tells of the panic of a half for which nobody waits.
//
// Caller: owner.
func (w *Worker) logOrphan(fr forked, crash *Crash) {
	if crash == nil || crash.Goexit {
		return
	}
	log := w.pool.config.logger
	if log == nil {
		log = slog.Default()
	}
	log.LogAttrs(context.Background(), slog.LevelError,
		"pilfer: a forked function panicked after its join was left by another panic",
		slog.String("function", fr.function()), slog.Any("panic", crash.Value), slog.String("stack", string(crash.Stack)))
}

// CrashOf makes a Crash of what recover returned in a deferred function that runs
// because a job, or a function that a guest called, did not return. If the panic
// came from a half that another worker ran, the stack there is added.
//
// Caller: owner.
func (w *Worker) CrashOf(recovered any) Crash {
	crash := crashOf(recovered)
	if s := w.stolen; s != nil {
		w.stolen = nil
		if !crash.Goexit && same(s.Value, recovered) {
			crash.Stack = append(append(crash.Stack, "\nin a half that another worker ran:\n"...), s.Stack...)
		}
	}
	return crash
}

// same reports whether two panic values are one.
func same(a, b any) bool {
	ta := reflect.TypeOf(a)
	if ta != reflect.TypeOf(b) {
		return false
	}
	return !reflect.ValueOf(a).Comparable() || a == b
}
