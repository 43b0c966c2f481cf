// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/sched"
)

// A goroutine waits with a context, a task with a future, for the same lock.
func ExampleMutex() {
	ctx := context.Background()
	var m locks.Mutex
	if err := m.Lock(ctx); err != nil {
		fmt.Println(err)
	}
	r := sched.NewRoundRobin()
	task := sched.Spawn(r, future.Map(m.LockFuture(), func(struct{}) string {
		defer m.Unlock()
		return "the task has it"
	}))
	r.Run()
	fmt.Println(task.IsFinished())
	m.Unlock()
	r.Run()
	fmt.Println(task.Wait(ctx))
	// Output:
	// false
	// the task has it <nil>
}

func ExampleRWMutex() {
	ctx := context.Background()
	var m locks.RWMutex
	fmt.Println(m.RLock(ctx), m.RLock(ctx)) // any number read
	fmt.Println(m.TryLock())
	m.RUnlock()
	m.RUnlock()
	fmt.Println(m.TryLock())
	m.Downgrade() // goes on as a reader
	fmt.Println(m.TryRLock())
	// Output:
	// <nil> <nil>
	// false
	// true
	// true
}

// Permits stand for what there is a number of: connections, open files, memory.
func ExampleSemaphore() {
	memory := locks.NewSemaphore(100)
	fmt.Println(memory.TryAcquire(70), memory.TryAcquire(40), memory.Available())
	memory.Release(70)
	fmt.Println(memory.Acquire(context.Background(), 101))
	// Output:
	// true false 30
	// locks: more permits than the semaphore has
}

// Two tasks meet after each step.
func ExampleBarrier() {
	r := sched.NewRoundRobin()
	meet := locks.NewBarrier(2)
	for _, name := range []string{"left", "right"} {
		arrive := future.Lazy(func() (struct{}, error) { fmt.Println(name, "arrives"); return struct{}{}, nil })
		sched.Spawn(r, future.Then(arrive, func(struct{}) future.Future[bool] {
			return future.Inspect(meet.Future(), func(last bool, _ error) { fmt.Println(name, "goes on, last:", last) })
		}))
	}
	r.Run()
	// Unordered output:
	// left arrives
	// right arrives
	// right goes on, last: true
	// left goes on, last: false
}

// A task waits until a condition holds, with the lock that guards it.
func ExampleCond() {
	ctx := context.Background()
	var m locks.Mutex
	c := locks.NewCond(&m)
	items := 0
	var take func() future.Future[int]
	take = func() future.Future[int] { // called with the lock held
		if items == 0 {
			return future.Then(c.Future(), func(struct{}) future.Future[int] { return take() })
		}
		items--
		m.Unlock()
		return future.Ready(items)
	}
	r := sched.NewRoundRobin()
	taker := sched.Spawn(r, future.Then(m.LockFuture(), func(struct{}) future.Future[int] { return take() }))
	r.Run()

	if err := m.Lock(ctx); err != nil {
		fmt.Println(err)
	}
	items = 3
	c.Signal()
	m.Unlock()
	r.Run()
	fmt.Println(taker.Wait(ctx))
	// Output: 2 <nil>
}

// The first who asks makes the value; the others have it.
func ExampleOnce() {
	var settings locks.Once[string]
	load := func() future.Future[string] {
		fmt.Println("loading")
		return future.Ready("blue")
	}
	for range 2 {
		fmt.Println(settings.Get(context.Background(), load))
	}
	// Output:
	// loading
	// blue <nil>
	// blue <nil>
}
