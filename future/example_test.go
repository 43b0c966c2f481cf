// SPDX-License-Identifier: Apache-2.0

package future_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

// run is the smallest executor: it polls as long as the future wakes itself.
// Package sched has a real one.
func run[T any](f future.Future[T]) (T, error) {
	var flag waker.Flag
	cx := waker.NewContext(flag.Waker())
	for {
		if p := f.Poll(cx); p.Ready {
			return p.Value, p.Err
		}
		if !flag.Take() {
			panic("asleep, and nobody to wake us")
		}
	}
}

// A greeting is a state machine: what "async fn" would be compiled to, by hand.
// As straight code it would read
//
//	name := <-who
//	yield()
//	return "hello, " + name
//
// Each place where that code would wait is a state.
type greeting struct {
	future.Pinned
	state greetingState
	who   future.Future[string]
	yield future.Future[struct{}]
	name  string // lives across states, so it is a field
}

type greetingState uint8

const (
	asking greetingState = iota
	yielding
	greeted
)

func (g *greeting) Poll(cx *future.Context) future.Poll[string] {
	g.Pin()
	for {
		switch g.state {
		case asking:
			who := g.who.Poll(cx)
			if !who.Ready {
				return future.Wait[string]() // who has our waker
			}
			g.who = nil
			if who.Err != nil {
				g.state = greeted
				return future.Fail[string](who.Err)
			}
			g.name, g.yield = who.Value, future.YieldNow()
			g.state = yielding // and go on: somebody has to poll it once
		case yielding:
			if !g.yield.Poll(cx).Ready {
				return future.Wait[string]()
			}
			g.yield, g.state = nil, greeted
			return future.Of("hello, " + g.name)
		default:
			panic("greeting polled after it was ready")
		}
	}
}

// Drop gives up the child that the state has.
func (g *greeting) Drop() {
	future.Drop(g.who)
	future.Drop(g.yield)
	g.who, g.yield, g.state = nil, nil, greeted
}

func ExampleFuture() {
	fmt.Println(run[string](&greeting{who: future.Ready("gopher")}))
	fmt.Println(run[string](&greeting{who: future.Failed[string](errors.New("nobody there"))}))
	// Output:
	// hello, gopher <nil>
	//  nobody there
}

func ExamplePoll() {
	fmt.Printf("%+v\n", future.Of(5))
	fmt.Printf("%+v\n", future.Fail[int](errors.New("no")))
	fmt.Printf("%+v\n", future.Wait[int]())
	// Output:
	// {Value:5 Err:<nil> Ready:true}
	// {Value:0 Err:no Ready:true}
	// {Value:0 Err:<nil> Ready:false}
}

func ExampleFromFunc() {
	left := 2
	f := future.FromFunc(func(cx *future.Context) future.Poll[string] {
		if left == 0 {
			return future.Of("liftoff")
		}
		fmt.Println(left)
		left--
		cx.Wake()
		return future.Wait[string]()
	})
	fmt.Println(run(f))
	// Output:
	// 2
	// 1
	// liftoff <nil>
}

func ExampleLazy() {
	f := future.Lazy(func() (int, error) {
		fmt.Println("at work")
		return 5, nil
	})
	fmt.Println("nothing has happened")
	fmt.Println(run(f))
	// Output:
	// nothing has happened
	// at work
	// 5 <nil>
}

func ExampleYieldNow() {
	turn := func(name string) future.Future[struct{}] {
		return future.Map(future.YieldNow(), func(s struct{}) struct{} { fmt.Println(name); return s })
	}
	run(future.Join(turn("a"), future.Then(turn("b"), func(struct{}) future.Future[struct{}] { return turn("c") })))
	// Output:
	// a
	// b
	// c
}

func ExampleMap() {
	fmt.Println(run(future.Map(future.Ready("go"), strings.ToUpper)))
	// Output: GO <nil>
}

func ExampleMapErr() {
	f := future.MapErr(future.Failed[int](future.ErrClosed), func(err error) error {
		return fmt.Errorf("read answer: %w", err)
	})
	_, err := run(f)
	fmt.Println(err, errors.Is(err, future.ErrClosed))
	// Output: read answer: future: channel closed true
}

func ExampleThen() {
	user := future.Ready("u7")
	f := future.Then(user, func(id string) future.Future[string] {
		return future.Ready("orders of " + id)
	})
	fmt.Println(run(f))
	// Output: orders of u7 <nil>
}

func ExampleJoin() {
	fmt.Println(run(future.Join(future.Ready(1), future.Ready("one"))))
	fmt.Println(run(future.Join(future.Failed[int](errors.New("no")), future.Pending[int]())))
	// Output:
	// {1 one} <nil>
	// {0 0} no
}

func ExampleJoinAll() {
	fmt.Println(run(future.JoinAll(future.Ready(1), future.Ready(2), future.Ready(3))))
	// Output: [1 2 3] <nil>
}

func ExampleRace() {
	fmt.Println(run(future.Race(future.Pending[string](), future.Ready("hare"), future.Ready("tortoise"))))
	_, err := run(future.Race[string]())
	fmt.Println(err)
	// Output:
	// hare <nil>
	// future: race of no futures
}

func ExamplePromise() {
	p := future.NewPromise[int]()
	f := p.Future()
	go p.Resolve(42) // from anywhere

	awake := make(chan struct{}, 1)
	cx := waker.NewContext(waker.Func(func() { awake <- struct{}{} }))
	got := f.Poll(cx)
	for !got.Ready {
		<-awake
		got = f.Poll(cx)
	}
	fmt.Println(got.Value, p.Resolve(43))
	// Output: 42 false
}

// A dropper holds something to give back.
type dropper struct{ future.Future[int] }

func (dropper) Drop() { fmt.Println("canceled") }

func ExampleDrop() {
	f := future.Race(future.Future[int](dropper{future.Pending[int]()}), future.Ready(1))
	fmt.Println(run(f)) // the loser is dropped
	future.Drop(future.Pending[int]())
	// Output:
	// canceled
	// 1 <nil>
}

func ExampleFromChan() {
	ch := make(chan string, 1)
	ch <- "from a goroutine"
	close(ch)
	fmt.Println(run(future.FromChan(ch)))
	_, err := run(future.FromChan(ch))
	fmt.Println(err)
	// Output:
	// from a goroutine <nil>
	// future: channel closed
}

func ExampleToChan() {
	f, results := future.ToChan(future.Ready(5))
	go run(f) // an executor
	p := <-results
	fmt.Println(p.Value, p.Err)
	// Output: 5 <nil>
}

func ExampleFromContext() {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("closing time"))
	_, err := run(future.FromContext(ctx))
	fmt.Println(err)
	// Output: closing time
}

func ExampleWithContext() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := run(future.WithContext(ctx, future.Pending[int]()))
	fmt.Println(err)
	// Output: context canceled
}

func ExampleToContext() {
	ctx, f := future.ToContext(context.Background(), future.Failed[int](errors.New("first failure")))
	run(f)
	<-ctx.Done()
	fmt.Println(context.Cause(ctx))
	// Output: first failure
}

// A greeting that is copied after its first poll. go vet would find this copy; it
// goes through reflect to show what happens where go vet does not look.
func ExamplePinned() {
	defer func() {
		place, _, _ := strings.Cut(fmt.Sprint(recover()), ";")
		fmt.Println(place)
	}()
	original := &greeting{who: future.Pending[string]()}
	cx := waker.NewContext(waker.Noop())
	original.Poll(cx)

	second := new(greeting)
	reflect.ValueOf(second).Elem().Set(reflect.ValueOf(original).Elem())
	second.Poll(cx)
	// Output: future: a copy of a future was polled
}
