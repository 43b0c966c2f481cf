// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"slices"
	"testing"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestPushBatchKeepsOrder(t *testing.T) {
	got := order(t, func(w *Worker, named func(string) *Job) {
		w.PushNext(named("next")) // loses its turn to the batch
		w.PushBatch([]*Job{named("a"), named("b"), named("c")})
		w.PushBatch(nil)
	})
	if want := []string{"next", "a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
}

// A parked worker is woken for a batch, and for an answer.
func TestBatchWakes(t *testing.T) {
	for name, push := range map[string]func(*Worker, []*Job){"PushBatch": (*Worker).PushBatch, "Answer": (*Worker).Answer} {
		t.Run(name, func(t *testing.T) {
			p := newPool(t, 2)
			asleep(t, p)
			met := make(chan struct{})
			p.Submit(do(func(w *Worker) {
				push(w, []*Job{do(func(*Worker) { close(met) })})
				<-met // by the other worker: this one waits here
			}))
			testkit.Receive(t, met, "the other worker runs the job")
		})
	}
}

// Hungry is answered by as many jobs as there are workers without work, and true
// again when another one asks.
func TestAnswerEndsHunger(t *testing.T) {
	p := newPool(t, 2)
	asleep(t, p)
	var blocked point.Bool
	release := make(chan struct{})
	done := make(chan struct{})
	p.Submit(do(func(w *Worker) {
		defer close(done)
		w.Push(do(func(*Worker) { blocked.Store(true); <-release }))
		testkit.Eventually(t, "the other worker is busy", blocked.Load)
		w.Answer([]*Job{do(func(*Worker) {})})
		if w.Hungry() {
			t.Error("hungry, though nobody is without work")
		}
		close(release) // the other worker asks, takes the job, and is without work again
		testkit.Eventually(t, "another worker asks", func() bool { return w.queue.OwnerLen() == 0 && w.Hungry() })
		w.Answer(nil)
		if !w.Hungry() {
			t.Error("not hungry, though a worker is without work and nothing is queued")
		}
	}))
	testkit.Receive(t, done, "the job ends")
}

// One worker has nobody to answer to.
func TestAnswerAlone(t *testing.T) {
	p := newPool(t, 1)
	done := make(chan struct{})
	p.Submit(do(func(w *Worker) {
		defer close(done)
		w.Answer(nil)
		if w.Hungry() {
			t.Error("hungry, though there is no other worker")
		}
	}))
	testkit.Receive(t, done, "the job ends")
}
