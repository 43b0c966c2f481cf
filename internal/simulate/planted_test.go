// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A plant is a mistake in the runtime: a text of one file that is replaced.
type plant struct {
	name, file, old, new string
	finds                string // part of what the simulation says
}

// What schedulers get wrong, each planted in the code that ships.
var plants = []plant{
	{
		"a lost wake-up", "workers/parking.go",
		"	p.afterAnnounce(w, after, attendRetire|attendRecall|attendPosted) // [wake-race] K2 look once more\n",
		"	_ = after\n", "no thread can go on",
	},
	{
		"a doubled steal", "deque/queue_steal.go",
		"if q.head.CompareAndSwap(uint64(h), uint64(h.take(n))) {",
		"q.head.Store(uint64(h.take(n))); if true {", "",
	},
	{
		"a wake that comes during a poll is dropped", "sched/task_state.go",
		"			if s.swap(old, old|woken) { // endPoll will see it\n",
		"			if s.swap(old, old) {\n", "no thread can go on",
	},
	{
		"a wake at the completion is dropped", "sched/task.go",
		"	c.state.finish()             // [done-race] D1\n	if c.waiters.Load() != nil { // [done-race] D2\n		c.wakeWaiters(l)\n	}\n",
		"	if c.waiters.Load() != nil {\n		c.wakeWaiters(l)\n	}\n	c.state.finish()\n", "",
	},
	{
		"a shutdown strands a task", "sched/registry.go",
		"	if l.rt.ending.canceled() { // [cancel-race] R2\n		c.abort()\n	}\n", "", "",
	},
	{
		"a close that nobody tells", "sched/outside.go",
		"rt.closing.Load() || rt.clock.Virtual()", "rt.clock.Virtual() && false", "",
	},
	{
		"a spurious wake is trusted", "internal/park/parker.go",
		"		if p.word.CompareAndSwap(permit, empty) { // [park-permit] K3 takes effect here\n			return\n		}\n",
		"		p.word.Store(empty)\n		return\n", "",
	},
	{
		"a lock that is handed to two", "future/locks/gate.go",
		"	for {\n		s := g.word.Load()\n		if s&lined != 0 || s/onePer+need > limit {\n			return false\n		}\n		if g.word.CompareAndSwap(s, s+need*onePer) {",
		"	for {\n		s := g.word.Load()\n		if s&lined != 0 || s/onePer+need > limit {\n			return false\n		}\n		g.word.Store(s+need*onePer); if true {", "",
	},
	{
		"a node that waits on when its run is stopped", "graph/await.go",
		"	if x.flags.Load()&halted != 0 { // [halt-race] W2\n", "	if x.flags.Load()&halted != 0 && false {\n", "no thread can go on",
	},
	{
		"a semaphore that a dropped node keeps", "graph/call.go",
		"	case x.flags.Load()&halted != 0:\n		x.release(c)\n", "	case x.flags.Load()&halted != 0:\n", "",
	},
	{
		"a node that was finished is run again", "graph/call.go",
		"if x.marks != nil && x.marks[n.index] == finished {", "if x.marks != nil && x.marks[n.index] == finished && false {", "though it was finished",
	},
	{
		"a loop that fails with the first error that comes", "par/loop.go",
		"	if l.err == nil || i < l.failed {\n", "	if l.err == nil {\n", "the error is that of element",
	},
	{
		"a parallel call that does not wait for who took it up", "par/run.go",
		"	if err != nil && begun.Swap(true) {\n		under.Wait()\n	}\n", "", "",
	},
	{
		"a half that a merge begins from before it is sorted", "par/sort_stable.go",
		"x, y := workers.JoinSafe(w, stableSort, left, stableSort, right); !x || !y {", "x, y := workers.JoinSafe(w, stableSort, left, func(*workers.Worker, stablePiece[E]) bool { return true }, right); !x || !y {", "not the order",
	},
}

// TestPlantedBugsAreFound builds the simulation with each mistake, and it must fail,
// with the seed and the schedule printed; and the seed alone must fail again.
func TestPlantedBugsAreFound(t *testing.T) {
	if testing.Short() || os.Getenv("PILFER_PLANTED") == "" {
		t.Skip("builds the runtime once for each mistake: make simulate-planted")
	}
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			binary := p.build(t)
			out, failed := simulation(binary, "1", "20000")
			require.True(t, failed, "not found:\n%s", out)
			require.Contains(t, out, p.finds)
			seed := between(out, "seed ", ":")
			schedule := between(out, "schedule: ", "\n")
			require.NotEmpty(t, seed, out)
			require.NotEmpty(t, schedule, out)
			again, failed := simulation(binary, seed, "1")
			require.True(t, failed, "seed %s does not fail again", seed)
			assert.Equal(t, schedule, between(again, "schedule: ", "\n"))
			t.Logf("seed %s: %s\nschedule: %s", seed, between(out, "seed "+seed+": ", "\n"), schedule)
		})
	}
}

// build makes the test program with the mistake in it.
func (p *plant) build(t *testing.T) (binary string) {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("..", "..", filepath.FromSlash(p.file)))
	require.NoError(t, err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), p.old), "%s has changed: plant it anew", p.file)
	dir := t.TempDir()
	bad, list := filepath.Join(dir, "bad.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(bad, []byte(strings.Replace(string(text), p.old, p.new, 1)), 0o600))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {file: bad}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(list, overlay, 0o600))
	binary = filepath.Join(dir, "simulate.test")
	out, err := exec.Command("go", "test", "-c", "-o", binary, "-overlay", list, "-tags", "explore,invariants", ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// simulation runs seeds with a test program.
func simulation(binary, first, seeds string) (out string, failed bool) {
	cmd := exec.Command(binary, "-test.run", "^TestSimulate$", "-test.timeout", "2m")
	cmd.Env = append(os.Environ(), "PILFER_SEED="+first, "PILFER_SEEDS="+seeds)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	failed = cmd.Run() != nil
	return text.String(), failed
}

// between returns what stands behind a text, up to another one.
func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	found, _, _ := strings.Cut(rest, to)
	return found
}
