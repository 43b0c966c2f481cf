// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"log/slog"
	"reflect"
)

// settleForks joins all frames from level base on whose own join will never
// come: a panic or Goexit has left the functions that forked them. Those that
// nobody has run are run now, as Join promises that both halves are; their
// results are dropped, and what they panic with is logged.
//
// Caller: owner.
func (w *Worker) settleForks(base int) {
	for w.hi > base {
		h := w.hi - 1
		fr := w.frames[h]
		var crash *Crash
		if w.takeTop() {
			w.frames[h] = nil // its level is free for what it forks
			crash = w.runOrphan(fr)
		} else {
			crash = fr.head().reset()
		}
		if crash != nil && !crash.Goexit {
			w.pool.logOrphan(fr.function(), crash)
		}
	}
}

// runOrphan runs a frame that nobody waits for.
//
// Caller: owner, who has taken the frame off the stack.
func (w *Worker) runOrphan(fr forked) *Crash {
	current := w.current
	defer func() { w.current = current }()
	w.protect(&fr.head().Job)
	return fr.head().reset()
}

func (p *Pool) logOrphan(function string, crash *Crash) {
	log := p.config.logger
	if log == nil {
		log = slog.Default()
	}
	log.LogAttrs(context.Background(), slog.LevelError,
		"pilfer: a forked function panicked after its join was left by another panic",
		slog.String("function", function), slog.Any("panic", crash.Value), slog.String("stack", string(crash.Stack)))
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
