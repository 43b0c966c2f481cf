// SPDX-License-Identifier: Apache-2.0

// Package explore runs a small concurrent test under every schedule of its shared
// steps. It is for tests only.
//
// A model is a function that makes its own words, starts threads and checks what
// they did. [Run] runs it again and again. Threads are coroutines of which one runs
// at a time; at each shared step (an atomic word, a lock, a futex, the end of a
// thread) the engine decides who goes on.
//
//	r := explore.Run(explore.Options{}, func(x *explore.X) {
//		var n explore.Int32
//		for range 2 {
//			x.Go("adder", func() { n.Store(n.Load() + 1) })
//		}
//		x.Wait()
//		x.Check(n.Load() == 2, "two additions make %d", n.Load())
//	})
//	fmt.Println(r.Failure) // who did what, on which line, and the schedule to run again
//
// Under the explore build tag the types of internal/point are those of this
// package, so a model can use the production code itself. Outside of an exploration
// they are plain atomics.
//
// # Who may call what
//
//	Run                    any, one at a time
//	X, Thread              threads of the model
//	words, locks, Spin     any; only threads of the model are explored
//
// README.md says how runs are chosen and what a complete exploration proves.
package explore
