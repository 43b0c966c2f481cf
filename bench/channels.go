// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"runtime"
	"slices"
	"sync"
)

// channelRoom is the buffer of the channel that workers share: with none, each
// submit waits for a worker.
const channelRoom = spawnBatch + 24

// channelWorkers returns the usual hand-made pool: P goroutines that receive
// functions from one channel. A task that submits more than the channel holds
// would wait for itself; spawn-inside stays just below.
func channelWorkers() Runtime {
	rt := NewPool("chan-workers", "P goroutines and one channel of functions with room for 1024", 1,
		func(workers int) (Pool, error) {
			p := &channelPool{jobs: make(chan func(), channelRoom)}
			for range workers {
				p.done.Go(func() {
					for f := range p.jobs {
						f()
					}
				})
			}
			return p, nil
		})
	rt.Open["coarse"] = plainCoarse
	rt.Notes = map[string]string{"coarse": LessWork + "is given the leaves in a list, where the others walk a tree that shows them one fork after the other"}
	rt.Fixed = map[string]int{"coarse": coarseWorkers}
	for _, s := range shapes() {
		rt.Open[s.name] = func(workers int) (Body, func() error, error) {
			g := newGraphRun(s)
			return g.body(func() error { g.runChannel(workers); return nil }), func() error { return nil }, nil
		}
	}
	return rt
}

type channelPool struct {
	jobs chan func()
	done sync.WaitGroup
}

// Go hands f to a worker.
func (p *channelPool) Go(f func()) error {
	p.jobs <- f
	return nil
}

// Close ends the workers.
func (p *channelPool) Close() error {
	close(p.jobs)
	p.done.Wait()
	return nil
}

// channelPairs returns the round trip of pairs of goroutines that stay: what is
// left of ping-pong without the spawns. It is the row pairs.
func channelPairs() Runtime {
	return Runtime{
		Name: "channel", How: "1000 pairs of goroutines that stay; a round trip over two unbuffered channels",
		Open:  map[string]Open{"ping-pong": plain(plainPairs)},
		Notes: map[string]string{"ping-pong": LessWork + "the pairs stay, nothing is spawned; see pairs"},
	}
}

// lockedChannel returns workers like ours, made by hand: each is locked to a
// thread and receives from a channel.
func lockedChannel() Runtime {
	return channelServer("chan-locked", "a goroutine locked to its thread that receives requests from a channel", true)
}

// plainChannel returns the same without the lock.
func plainChannel() Runtime {
	return channelServer("chan", "an ordinary goroutine that receives requests from a channel", false)
}

type request struct {
	n     int
	reply chan<- int
}

func channelServer(name, how string, lock bool) Runtime {
	rt := Runtime{Name: name, How: how, Sized: true, Open: map[string]Open{}, Notes: map[string]string{}, Cannot: map[string]string{
		wakeBusy: "waits for the job", wakeBusyWoken: "waits for the job",
	}}
	for _, c := range wakeCases() {
		rt.Notes[c.name] = LessWork + "it waits for requests, nothing is spawned; see wake-request"
	}
	for _, c := range slices.Concat(wakeCases(), requestCases()) {
		rt.Open[c.name] = func(workers int) (Body, func() error, error) {
			requests := make(chan request)
			var done sync.WaitGroup
			for range workers {
				done.Go(func() {
					if lock {
						runtime.LockOSThread()
						defer runtime.UnlockOSThread()
					}
					for r := range requests {
						r.reply <- r.n
					}
				})
			}
			reply := make(chan int, 1)
			ask := func(n int) (int, error) {
				requests <- request{n, reply}
				return <-reply, nil
			}
			return wakeBody(c, ask), func() error {
				close(requests)
				done.Wait()
				return nil
			}, nil
		}
	}
	return rt
}
