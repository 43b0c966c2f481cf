// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package point

// A package that imports point only, not the package behind the aliases, gets
// the bodies of their methods for inlining only if they are used here: without
// these lines every atomic step in the module is a call, 2 ns each.
// TestAtomicsAreInlined in internal/lint checks that it stays so.
func bodies() {
	var (
		i32 Int32
		i64 Int64
		u32 Uint32
		u64 Uint64
		b   Bool
		m   Mutex
		g   WaitGroup
	)
	m.Lock()
	//lint:ignore SA2001 nothing is guarded: the calls are what is wanted
	m.Unlock()
	if m.TryLock() {
		m.Unlock()
	}
	g.Add(1)
	g.Go(g.Done)
	g.Done()
	g.Wait()
	i32.Store(i32.Load() + i32.Add(1) + i32.Sub(1) + i32.Inc() + i32.Dec() + i32.Swap(1))
	i64.Store(i64.Load() + i64.Add(1) + i64.Sub(1) + i64.Inc() + i64.Dec() + i64.Swap(1))
	u32.Store(u32.Load() + u32.Add(1) + u32.Sub(1) + u32.Inc() + u32.Dec() + u32.Swap(1))
	u64.Store(u64.Load() + u64.Add(1) + u64.Sub(1) + u64.Inc() + u64.Dec() + u64.Swap(1))
	b.Store(b.Load() || b.Swap(true) || b.CompareAndSwap(true, false) ||
		i32.CompareAndSwap(1, 2) || i64.CompareAndSwap(1, 2) ||
		u32.CompareAndSwap(1, 2) || u64.CompareAndSwap(1, 2))
}

// Bodies is exported so that what bodies uses is kept with the package.
var Bodies = bodies
