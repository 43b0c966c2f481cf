// SPDX-License-Identifier: Apache-2.0

package waker_test

import (
	"fmt"

	"github.com/pilfer-go/pilfer/waker"
)

// A loudTarget says by whom it was woken. The type is the "vtable", the pointer
// the "data" of a Rust waker.
type loudTarget struct{ name string }

func (l *loudTarget) WakeBy(from waker.Local) {
	if from == nil {
		fmt.Println(l.name, "woken from anywhere")
		return
	}
	fmt.Println(l.name, "woken from inside a poll on", from)
}

func ExampleTarget() {
	w := waker.New(&loudTarget{"task 1"})
	w.WakeByRef()

	cx := waker.NewContext(waker.Noop())
	cx.Reset(waker.Noop(), "worker 3", -1)
	w.WakeIn(cx)
	// Output:
	// task 1 woken from anywhere
	// task 1 woken from inside a poll on worker 3
}

func ExampleWaker() {
	a := waker.New(&loudTarget{"a"})
	b := waker.New(&loudTarget{"b"})
	fmt.Println(a.WillWake(a.Clone()), a.WillWake(b))
	a.Wake()
	fmt.Println("consumed:", a.IsZero())
	// Output:
	// true false
	// a woken from anywhere
	// consumed: true
}

func ExampleFunc() {
	w := waker.Func(func() { fmt.Println("poll me") })
	w.WakeByRef()
	// Output: poll me
}

// An executor for one future is a Flag and a loop.
func ExampleFlag() {
	var flag waker.Flag
	polls := 0
	poll := func(cx *waker.Context) (ready bool) {
		polls++
		cx.Wake() // wants another turn
		return polls == 3
	}

	cx := waker.NewContext(flag.Waker())
	for ready := poll(cx); !ready && flag.Take(); {
		ready = poll(cx)
	}
	fmt.Println(polls, "polls")
	// Output: 3 polls
}

// A leaf future spends a unit of the budget each time that it is ready.
func ExampleContext_Spend() {
	var flag waker.Flag
	cx := waker.NewContext(waker.Noop())
	cx.Reset(flag.Waker(), nil, 2)
	for cx.Spend() {
		fmt.Println("a value, and", cx.Budget(), "left")
	}
	fmt.Println("pending; woken already:", flag.Take())
	// Output:
	// a value, and 1 left
	// a value, and 0 left
	// pending; woken already: true
}

func ExampleCell() {
	var (
		cell  waker.Cell
		ready bool // an atomic word, if two goroutines use it
	)
	poll := func(cx *waker.Context) {
		cell.Register(cx) // first register,
		if !ready {       // then look
			fmt.Println("pending")
			return
		}
		fmt.Println("ready")
	}

	var flag waker.Flag
	cx := waker.NewContext(flag.Waker())
	poll(cx)
	ready = true
	cell.Wake()
	if flag.Take() {
		poll(cx)
	}
	// Output:
	// pending
	// ready
}

func ExampleList() {
	var list waker.List
	wait := func(name string) *waker.Entry {
		return list.Add(waker.NewContext(waker.Func(func() { fmt.Println(name, "woken") })))
	}
	a := wait("a")
	wait("b")
	wait("c")

	list.WakeOne()
	a.Cancel() // gives up with a wake in hand: it goes on to b
	fmt.Println(list.WakeAll(), "left")
	// Output:
	// a woken
	// b woken
	// c woken
	// 1 left
}
