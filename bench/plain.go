// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"maps"
	"runtime"
	"sync"
	"unsafe"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// goroutines returns the plain Go way: a goroutine for each task, and the
// standard library to wait for it.
func goroutines() Runtime {
	open := map[string]Open{
		"spawn-inside":  plain(plainSpawnInside),
		"submit-1":      plain(func(s *Sample, units int) error { return poolSubmit(s, units, 1, goStart) }),
		"submit-8":      plain(func(s *Sample, units int) error { return poolSubmit(s, units, submitters, goStart) }),
		"yield":         plain(plainYield),
		"ping-pong":     plain(plainPingPong),
		"chained-spawn": plain(func(s *Sample, units int) error { return poolChain(s, units, goStart) }),
		"pending":       plain(plainPending),
		"run-empty":     plain(plainRunEmpty),
		"spawn-result":  plain(func(s *Sample, units int) error { return poolResults(s, units, true, goStart) }),
		"submit-result": plain(func(s *Sample, units int) error { return poolResults(s, units, false, goStart) }),
		"pending-recv":  plain(plainReceivers),
		"pending-sleep": plain(plainSleepers),
		"graph-pending": plain(plainPending),
		"coarse":        forkCoarse,
		wakeBusy:        plain(plainBusy),
		wakeBusyWoken:   plain(plainBusyWoken),
		static:          plainStatic,
		small:           plain(plainSmall),
		"await-ready":   plain(plainAwait),
		"await-suspend": plain(plainGiveWay),
	}
	for _, c := range wakeCases() {
		open[c.name] = plain(wakeBody(c, goAsk))
	}
	maps.Copy(open, forkTrees(goFork))
	maps.Copy(open, goLoops())
	maps.Copy(open, goSorts())
	for _, s := range shapes() {
		open[s.name] = openGraph(s, (*graphRun).runNodes)
	}
	maps.Copy(open, plainMessages())
	open["idle"] = plain(func(s *Sample, units int) error { return s.idle(units, func() error { return nil }) })
	return Runtime{
		Fixed: map[string]int{"coarse": coarseWorkers, static: 1},
		Name:  "goroutine", How: "a goroutine for each task, or for a contiguous part of a loop on each CPU; WaitGroup, Gosched, channels", Open: open,
		Notes: map[string]string{"mutex-1000": LessWork + "sync.Mutex serves whoever comes, often the one that has just unlocked; x-semaphore serves in order"},
	}
}

// plain opens what needs no preparation.
func plain(run Body) Open {
	return func(int) (Body, func() error, error) { return run, func() error { return nil }, nil }
}

func goStart(f func()) error {
	go f()
	return nil
}

// sink keeps the compiler from dropping an allocation.
var sink *[64 / unsafe.Sizeof(uintptr(0))]*int

// bareAlloc returns the floor of spawn-inside: an object of a task's size that
// holds pointers, with its share of the collector.
func bareAlloc() Runtime {
	return Runtime{Name: "alloc", How: "new of 64 bytes with pointers, and nothing else", Open: map[string]Open{
		"spawn-inside": plain(func(s *Sample, units int) error {
			return s.Time(units, func() error {
				for range units {
					sink = new([len(sink)]*int)
				}
				return nil
			})
		}),
	}}
}

func plainSpawnInside(s *Sample, units int) error {
	marks := make([]mark, spawnBatch)
	err := s.Time(units, func() error {
		var wg sync.WaitGroup
		for left := units; left > 0; left -= spawnBatch {
			for i := range min(left, spawnBatch) {
				wg.Go(func() { marks[i].ran++ })
			}
			wg.Wait()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return checkMarks(marks, units)
}

func plainYield(s *Sample, units int) error {
	var yielded [yieldTasks]int
	err := s.Time(units, func() error {
		var wg sync.WaitGroup
		for i := range yielded {
			wg.Go(func() {
				for range units / yieldTasks {
					runtime.Gosched()
					yielded[i]++
				}
			})
		}
		wg.Wait()
		return nil
	})
	for _, n := range yielded {
		units -= n
	}
	return orLeft(err, int64(units))
}

func plainPingPong(s *Sample, units int) error {
	var left point.Int64
	err := s.Time(units, func() error {
		left.Store(int64(units / pingPairs * pingPairs))
		for range units / pingPairs {
			var wg sync.WaitGroup
			for range pingPairs {
				wg.Go(func() {
					there, back := make(chan none), make(chan none)
					go func() {
						<-there
						back <- none{}
					}()
					there <- none{}
					<-back
					left.Dec()
				})
			}
			wg.Wait()
		}
		return nil
	})
	return orLeft(err, left.Load())
}

// plainPending parks goroutines, each in a channel of its own, which is what it
// captures.
func plainPending(s *Sample, units int) error {
	units = min(units, goroutinesPending)
	chans := make([]chan none, units)
	empty, emptyRSS := live(), residentBytes()
	for i := range chans {
		chans[i] = make(chan none)
	}
	captured, stacks := live(), liveStacks()
	var wg sync.WaitGroup
	err := s.Time(units, func() error {
		for _, c := range chans {
			wg.Go(func() { <-c })
		}
		return nil
	})
	if err != nil {
		return err
	}
	for runtime.NumGoroutine() < units {
		runtime.Gosched()
	}
	full := live() + liveStacks() - stacks
	each := 1 / float64(units)
	s.set("total-bytes", float64(int64(full-empty))*each)
	s.set("beyond-bytes", float64(int64(full-captured))*each)
	s.set("rss-bytes", float64(int64(residentBytes()-emptyRSS))*each)
	end := &Sample{}
	err = end.Time(units, func() error {
		for _, c := range chans {
			c <- none{} // blocks for ever if nobody waits
		}
		wg.Wait()
		return nil
	})
	s.set("settle-ns", end.Metrics()["ns"])
	return err
}

func plainRunEmpty(s *Sample, units int) error {
	ran := 0
	err := s.Time(units, func() error {
		for range units {
			done := make(chan none)
			go func() {
				ran++
				close(done)
			}()
			<-done
		}
		return nil
	})
	return orLeft(err, int64(units-ran))
}

func goAsk(n int) (int, error) {
	reply := make(chan int, 1)
	go func() { reply <- n }()
	return <-reply, nil
}

// plainOccupied calls body while as many goroutines as Ps run long jobs.
func plainOccupied(body func(j *longJob) error) error {
	j := &longJob{}
	var wg sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for range n {
		wg.Go(func() { j.run(func(f func(*sched.Context)) { f(nil) }) })
	}
	j.awaitRunning(n)
	err := body(j)
	j.stop.Store(true)
	wg.Wait()
	return err
}

func plainBusy(s *Sample, units int) error {
	return plainOccupied(func(*longJob) error { return s.latencies(units, false, goAsk) })
}

func plainBusyWoken(s *Sample, units int) error {
	return plainOccupied(func(j *longJob) error {
		return s.latencies(units, false, func(n int) (int, error) {
			reply := make(chan int, 1)
			go func() {
				woken := make(chan none)
				post := func(*sched.Context) { close(woken) }
				j.mail.Store(&post)
				<-woken
				reply <- n
			}()
			return <-reply, nil
		})
	})
}
