// SPDX-License-Identifier: Apache-2.0

package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
)

// later is ready after so many polls.
func later[T any](v T, polls int) future.Future[T] {
	if polls == 0 {
		return future.Ready(v)
	}
	return future.Then(future.YieldNow(), func(struct{}) future.Future[T] { return later(v, polls-1) })
}

func ExampleBlock() {
	n, err := future.Block(context.Background(), later(42, 3))
	fmt.Println(n, err)
	// Output: 42 <nil>
}

// Unlike Race, Select leaves the others to the caller.
func ExampleSelect() {
	first := future.Select(later("slow", 5), later("fast", 1))
	got, _ := future.Block(context.Background(), first)
	fmt.Println(got.Index, got.Poll.Value)
	fmt.Println(future.Block(context.Background(), got.Rest[0]))
	// Output:
	// 1 fast
	// slow <nil>
}

func ExampleSelect2() {
	got, err := future.Block(context.Background(), future.Select2(later(7, 9), later("seven", 2)))
	switch {
	case err != nil:
		fmt.Println(err)
	case got.First.Ready:
		fmt.Println("a number:", got.First.Value)
	case got.Second.Ready:
		fmt.Println("a word:", got.Second.Value)
	}
	// Output: a word: seven
}

func ExampleOrElse() {
	cache := future.Failed[string](errors.New("not in the cache"))
	fmt.Println(future.Block(context.Background(), future.OrElse(cache, func(error) future.Future[string] {
		return later("from the disk", 2)
	})))
	// Output: from the disk <nil>
}

func ExampleSettle() {
	all, _ := future.Block(context.Background(), future.Settle(later(1, 2), future.Failed[int](errors.New("no")), later(3, 1)))
	for _, p := range all {
		fmt.Println(p.Value, p.Err)
	}
	// Output:
	// 1 <nil>
	// 0 no
	// 3 <nil>
}

// Each clone has the result; the work is done once.
func ExampleShare() {
	loads := 0
	shared := future.Share(future.Lazy(func() (string, error) { loads++; return "settings", nil }))
	other := shared.Clone()
	both, err := future.Block(context.Background(), future.Join(shared, other))
	fmt.Println(both.First, both.Second, err, "loads:", loads)
	// Output: settings settings <nil> loads: 1
}

func ExampleCatchPanic() {
	bad := future.Lazy(func() (int, error) { panic("oh dear") })
	_, err := future.Block(context.Background(), future.CatchPanic(bad))
	var crash *future.PanicError
	fmt.Println(errors.As(err, &crash), crash.Value)
	// Output: true oh dear
}

// A set yields answers as they come.
func ExampleUnordered() {
	set := future.NewUnordered(later("third", 9), later("first", 1), later("second", 4))
	for {
		word, err := future.Block(context.Background(), future.FromFunc(set.PollNext))
		if errors.Is(err, future.ErrEnd) {
			break
		}
		fmt.Println(word, err)
	}
	// Output:
	// first <nil>
	// second <nil>
	// third <nil>
}

// Canceling a token cancels all below it.
func ExampleToken() {
	server := future.NewToken(context.Background())
	request := server.Child()
	server.Cancel(errors.New("shutting down"))
	fmt.Println(request.Cause())
	fmt.Println(future.Block(context.Background(), future.Under(request, future.Pending[int]())))
	// Output:
	// shutting down
	// 0 shutting down
}

// requestID is who a task works for, without an argument through every function.
var requestID = future.NewLocal[int]("request")

func ExampleLocal() {
	log := future.FromFunc(func(cx *future.Context) future.Poll[string] {
		return future.Of(fmt.Sprint("working for request ", requestID.Must(cx)))
	})
	fmt.Println(future.Block(context.Background(), future.Scoped(requestID, 17, log)))
	// Output: working for request 17 <nil>
}
