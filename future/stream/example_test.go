// SPDX-License-Identifier: Apache-2.0

package stream_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/stream"
)

// Up to two requests at once; the results come in the order of the requests.
func ExampleBuffered() {
	fetch := func(n int) future.Future[string] {
		return future.Map(future.YieldNow(), func(struct{}) string { return fmt.Sprint("page ", n) })
	}
	pages := stream.Buffered(stream.Map(stream.Of(1, 2, 3), fetch), 2)
	all, err := future.Block(context.Background(), stream.Collect(pages))
	fmt.Println(all, err)
	// Output: [page 1 page 2 page 3] <nil>
}

func ExampleMap() {
	odd := stream.Filter(stream.Of(1, 2, 3, 4, 5), func(n int) bool { return n%2 == 1 })
	squares := stream.Map(odd, func(n int) int { return n * n })
	fmt.Println(future.Block(context.Background(), stream.Collect(stream.Chunks(squares, 2))))
	// Output: [[1 9] [25]] <nil>
}

// An iterator may be without end: what is dropped is not asked for more.
func ExampleFromSeq() {
	naturals := func(yield func(int) bool) {
		for n := 0; yield(n); n++ {
		}
	}
	fmt.Println(future.Block(context.Background(), stream.Collect(stream.Take(stream.FromSeq(naturals), 4))))
	// Output: [0 1 2 3] <nil>
}

func ExampleForEach() {
	sum := 0
	add := stream.ForEach(stream.Of(1, 2, 3), func(n int) error { sum += n; return nil })
	_, err := future.Block(context.Background(), add)
	fmt.Println(sum, err)
	// Output: 6 <nil>
}

// An ordinary goroutine takes a stream in a loop.
func ExampleSeq() {
	for word, err := range stream.Seq(context.Background(), stream.Of("one", "two")) {
		fmt.Println(word, err)
	}
	// Output:
	// one <nil>
	// two <nil>
}

// A printer is a sink that waits a turn for each word; the channels of package chans are
// sinks too.
type printer struct{}

func (printer) SendFuture(word string) future.Future[struct{}] {
	return future.Map(future.YieldNow(), func(v struct{}) struct{} {
		fmt.Println("printed", word)
		return v
	})
}

// Forward sends one after the other, and waits for each.
func ExampleForward() {
	_, err := future.Block(context.Background(), stream.Forward(stream.Of("one", "two"), printer{}))
	fmt.Println(err)
	// Output:
	// printed one
	// printed two
	// <nil>
}
