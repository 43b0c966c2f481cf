// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"runtime"
	"sync"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A Pool is what the peers that run functions have in common.
type Pool interface {
	// Go has f run by a worker. It may wait until one is free.
	Go(f func()) error

	// Close waits until all functions have returned, and ends the workers.
	Close() error
}

// NewPool returns a runtime made of a pool. inside is how many workers it takes
// for a running function to call Go without a deadlock: a pool that waits in Go
// for a free worker needs two.
func NewPool(name, how string, inside int, open func(workers int) (Pool, error)) Runtime {
	with := func(body func(p Pool) Body) Open {
		return func(workers int) (Body, func() error, error) {
			p, err := open(workers)
			if err != nil {
				return nil, nil, err
			}
			return body(p), p.Close, nil
		}
	}
	rt := Runtime{Name: name, How: how, Sized: true, Open: map[string]Open{
		"submit-1": with(func(p Pool) Body {
			return func(s *Sample, units int) error { return poolSubmit(s, units, 1, p.Go) }
		}),
		"submit-8": with(func(p Pool) Body {
			return func(s *Sample, units int) error { return poolSubmit(s, units, submitters, p.Go) }
		}),
	}}
	for _, c := range wakeCases() {
		if c.beside > 0 {
			continue // Go's scheduler is measured there, and the channels show it
		}
		rt.Open[c.name] = with(func(p Pool) Body { return wakeBody(c, poolAsk(p)) })
	}
	rt.Least = map[string]int{"spawn-inside": inside, "chained-spawn": inside, "spawn-result": inside}
	for row, inside := range map[string]bool{"spawn-result": true, "submit-result": false} {
		rt.Open[row] = with(func(p Pool) Body {
			return func(s *Sample, units int) error { return poolResults(s, units, inside, p.Go) }
		})
	}
	rt.Open["spawn-inside"] = with(func(p Pool) Body {
		return func(s *Sample, units int) error { return poolSpawnInside(s, units, p.Go) }
	})
	rt.Open["idle"] = with(func(p Pool) Body {
		return func(s *Sample, units int) error {
			return s.idle(units, func() error { return poolSubmit(new(Sample), idleTasks, 1, p.Go) })
		}
	})
	rt.Open["fib"] = with(poolFib)
	rt.Alone = map[string]bool{"fib": true}
	rt.Cannot = map[string]string{}
	for _, t := range trees() {
		if t.name != "fib" {
			rt.Cannot[t.name] = asInFib
		}
	}
	rt.Open["chained-spawn"] = with(func(p Pool) Body {
		return func(s *Sample, units int) error { return poolChain(s, units, p.Go) }
	})
	return rt
}

// asInFib is the word in the cell of a tree that needs what fib has shown.
const asInFib = "not run: see fib, where its workers wait for each other"

// poolFib forks by Go and waits by a channel. A pool whose worker waits there does
// nothing else meanwhile, and deadlocks once all of them wait.
func poolFib(p Pool) Body {
	fork := func(f, g func()) {
		done := make(chan error, 1)
		if err := p.Go(func() { g(); done <- nil }); err != nil {
			done <- err
		}
		f()
		<-done
	}
	t := fibTree()
	return func(s *Sample, units int) error {
		body := t.body(runtime.GOMAXPROCS(0), func(n int) (int64, error) { return t.fork(fork, n), nil })
		return body(s, min(units, forkLimit))
	}
}

// A failure keeps the first error of calls from several goroutines.
type failure struct {
	once sync.Once
	err  error
}

func (f *failure) note(err error) {
	if err != nil {
		f.once.Do(func() { f.err = err })
	}
}

// poolSubmit starts units functions from by ordinary goroutines, and waits for
// all. A start that fails would make the wait endless, so it ends the round.
func poolSubmit(s *Sample, units, by int, start func(func()) error) error {
	var (
		left   point.Int64
		failed failure
	)
	left.Store(int64(units))
	done := make(chan none)
	task := func() {
		if left.Dec() == 0 {
			close(done)
		}
	}
	err := s.Time(units, func() error {
		submit(units, by, func() {
			if err := start(task); err != nil {
				failed.note(err)
			}
		})
		if failed.err == nil {
			<-done
		}
		return failed.err
	})
	return orLeft(err, left.Load())
}

// poolSpawnInside has one function start batches of others, each with its own
// captured mark as a user's closure would have, and wait by a channel for the
// last of a batch. The waiting function is outside of the pool: with one worker
// it would wait for itself.
func poolSpawnInside(s *Sample, units int, start func(func()) error) error {
	marks := make([]mark, spawnBatch)
	err := s.Time(units, func() error {
		for left := units; left > 0; left -= spawnBatch {
			n := min(left, spawnBatch)
			var (
				failed failure
				wg     sync.WaitGroup
			)
			wg.Add(1 + n)
			err := start(func() {
				defer wg.Done()
				for i := range n {
					err := start(func() {
						marks[i].ran++
						wg.Done()
					})
					if err != nil {
						failed.note(err)
						wg.Done()
					}
				}
			})
			if err != nil {
				return err
			}
			wg.Wait()
			if failed.err != nil {
				return failed.err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return checkMarks(marks, units)
}

// poolChain has each function start the next.
func poolChain(s *Sample, units int, start func(func()) error) error {
	return s.Time(units, func() error {
		for range units / chainLength {
			left, done := chainLength, make(chan error, 1)
			var link func()
			link = func() {
				left--
				if left == 0 {
					done <- nil
					return
				}
				if err := start(link); err != nil {
					done <- err
				}
			}
			if err := start(link); err != nil {
				return err
			}
			if err := orLeft(<-done, int64(left)); err != nil {
				return err
			}
		}
		return nil
	})
}

func poolAsk(p Pool) func(n int) (int, error) {
	return func(n int) (int, error) {
		reply := make(chan int, 1)
		if err := p.Go(func() { reply <- n }); err != nil {
			return 0, err
		}
		return <-reply, nil
	}
}
