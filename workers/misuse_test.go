// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// Who leaves a place without having entered it would end its worker's time in it.
func TestLeaveOfAPlaceThatNobodyEntered(t *testing.T) {
	p := newPool(t, 1)
	crash := make(chan any, 1)
	p.Submit(&Job{Runner: Func(func(w *Worker) {
		defer func() { crash <- recover() }()
		w.Leave()
	})})
	require.Equal(t, "workers: Leave of a place that nobody has entered", testkit.Receive(t, crash, "the job"))
	w := enter(t, p)
	w.Leave()
	require.Panics(t, w.Leave, "left twice")
	p.Close()
}

// Who gives nothing to run is told so at the call, on the caller's own goroutine.
func TestNilFunctionsAndJobs(t *testing.T) {
	p := newPool(t, 1, Levels(32))
	w := enter(t, p)
	defer w.Leave()
	const (
		function = "pilfer: nil function given to "
		job      = "pilfer: a nil Job, or one without a Runner, given to "
	)
	half := func(*Worker, int) int { return 0 }
	closure := func(*Worker) int { return 0 }
	fails := func(*Worker, int) (int, error) { return 0, nil }
	noJob, noRunner := (*Job)(nil), &Job{}
	for _, c := range []struct {
		name, text string
		checked    bool // with the invariants tag only
		call       func()
	}{
		{"NewRecursive", function, false, func() { NewRecursive[int, int](nil) }},
		{"JoinN", function, false, func() { JoinN(w, 0, nil) }},
		{"Try", function, false, func() { _ = Try(t.Context(), w, nil) }},
		{"Block", function, false, func() { w.Block(nil) }},
		{"RunUntil", function, false, func() { w.RunUntil(nil) }},
		{"Asleep", function, false, func() { p.Asleep(nil) }},
		{"Join", function, true, func() { Join[int, int, int, int](w, nil, 1, half, 2) }},
		{"Join", function, true, func() { Join[int, int, int, int](w, half, 1, nil, 2) }},
		{"JoinSafe", function, true, func() { JoinSafe[int, int, int, int](w, nil, 1, half, 2) }},
		{"JoinSafe", function, true, func() { JoinSafe[int, int, int, int](w, half, 1, nil, 2) }},
		{"JoinErr", function, true, func() { _, _, _ = JoinErr[int, int, int, int](w, nil, 1, fails, 2) }},
		{"JoinErr", function, true, func() { _, _, _ = JoinErr[int, int, int, int](w, fails, 1, nil, 2) }},
		{"JoinFunc", function, true, func() { JoinFunc[int, int](w, nil, closure) }},
		{"JoinFunc", function, true, func() { JoinFunc[int, int](w, closure, nil) }},
		{"JoinRest", function, true, func() { JoinRest[int, int, int, int](w, nil, 1, half, 2) }},
		{"JoinRest", function, true, func() { JoinRest[int, int, int, int](w, half, 1, nil, 2) }},
		{"Submit", job, false, func() { p.Submit(noJob) }},
		{"Submit", job, false, func() { p.Submit(noRunner) }},
		{"SubmitBatch", job, false, func() { p.SubmitBatch([]*Job{do(func(*Worker) {}), noJob}) }},
		{"SubmitAt", job, false, func() { p.SubmitAt(Urgent, noJob) }},
		{"SubmitDue", job, false, func() { p.SubmitDue(1, noRunner) }},
		{"Post", job, false, func() { w.Post(noJob) }},
		{"Push", job, true, func() { w.Push(noJob) }},
		{"PushNext", job, true, func() { w.PushNext(noRunner) }},
		{"PushYielded", job, true, func() { w.PushYielded(noJob) }},
		{"PushBatch", job, true, func() { w.PushBatch([]*Job{noRunner}) }},
		{"PushAt", job, true, func() { w.PushAt(High, noJob) }},
		{"PushYieldedAt", job, true, func() { w.PushYieldedAt(Low, noJob) }},
	} {
		if c.checked && !invariant.Enabled {
			continue
		}
		require.PanicsWithValue(t, c.text+c.name, c.call, c.name)
	}
}

func TestLevelsThatAreNone(t *testing.T) {
	p := newPool(t, 1, Levels(32))
	w := enter(t, p)
	defer w.Leave()
	j := do(func(*Worker) {})
	for name, call := range map[string]func(Level){
		"SubmitAt":      func(l Level) { p.SubmitAt(l, j) },
		"PushAt":        func(l Level) { w.PushAt(l, j) },
		"PushYieldedAt": func(l Level) { w.PushYieldedAt(l, j) },
	} {
		for text, l := range map[string]Level{"Level(4)": Low + 1, "Level(255)": 255} {
			require.PanicsWithValue(t, "pilfer: "+name+": got "+text+", want Urgent, High, Normal or Low", func() { call(l) })
		}
	}
}
