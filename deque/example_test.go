// SPDX-License-Identifier: Apache-2.0

package deque_test

import (
	"fmt"

	"github.com/pilfer-go/pilfer/deque"
)

// A task is what the workers of this example run.
type task struct{ name string }

// findTask is where a worker looks for its next task: its own queue, then the
// injector, then the other workers. It says Empty only if all of them were.
func findTask(own *deque.Queue[task], injector *deque.Injector[task], others []deque.QueueThief[task]) (*task, deque.Outcome) {
	if t := own.Pop(); t != nil {
		return t, deque.Taken
	}
	lost := false
	t, _, got := injector.PopBatch(own, 32)
	if got == deque.Taken {
		return t, got
	}
	lost = lost || got == deque.Lost
	for _, victim := range others {
		t, _, got := victim.StealHalf(own, 1)
		if got == deque.Taken {
			return t, got
		}
		lost = lost || got == deque.Lost
	}
	if lost {
		return nil, deque.Lost // look again: only Empty lets a worker sleep
	}
	return nil, deque.Empty
}

// Two workers with a queue each, and an injector for tasks from outside. The
// package needs nothing else of pilfer.
func Example() {
	var (
		injector = deque.NewInjector[task]()
		first    = deque.NewQueue[task](64)
		second   = deque.NewQueue[task](64)
	)
	first.PushBatch([]*task{{"a"}, {"b"}, {"c"}, {"d"}})
	injector.Push(&task{"from outside"})

	// The second worker has nothing, and helps.
	for {
		t, got := findTask(second, injector, []deque.QueueThief[task]{first.Thief()})
		if got == deque.Empty {
			break
		}
		if got == deque.Taken {
			fmt.Println(t.name)
		}
	}
	// Output:
	// from outside
	// a
	// b
	// c
	// d
}

func ExampleDeque() {
	d := deque.NewDeque[string](8)
	for _, word := range []string{"oldest", "middle", "newest"} {
		d.Push(&word)
	}
	thief := d.Stealer() // may go to another goroutine
	stolen, got := thief.Steal()
	fmt.Println(*stolen, got)
	fmt.Println(*d.Pop(), *d.Pop(), d.Pop() == nil)
	// Output:
	// oldest Taken
	// newest middle true
}

func ExampleQueueThief_StealHalf() {
	victim, own := deque.NewQueue[int](8), deque.NewQueue[int](8)
	for i := range 5 {
		victim.Push(&i)
	}
	first, n, got := victim.Thief().StealHalf(own, 1)
	fmt.Println(*first, n, got)
	fmt.Println(*own.Pop(), *own.Pop(), own.Pop() == nil)
	fmt.Println(*victim.PopNewest(), *victim.Pop())
	// Output:
	// 0 3 Taken
	// 1 2 true
	// 4 3
}

func ExampleInjector() {
	injector := deque.NewInjector[int]()
	done := make(chan struct{})
	go func() { // any number of goroutines may push
		defer close(done)
		for i := range 3 {
			injector.Push(&i)
		}
	}()
	<-done
	for !injector.Empty() {
		if job, got := injector.Pop(); got == deque.Taken {
			fmt.Println(*job)
		}
	}
	// Output:
	// 0
	// 1
	// 2
}
