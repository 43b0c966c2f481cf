// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// A stage receives numbers, works on them, and sends them on: a task that holds no
// worker while it waits, be it for input or for room.
type stage struct {
	in, out  *chans.Chan[int]
	work     func(int) int
	value    int
	has      bool
	from, to waker.Entry
}

func (s *stage) Poll(cx *future.Context) future.Poll[struct{}] {
	for {
		if !s.has {
			p := s.in.PollRecv(cx, &s.from)
			if !p.Ready {
				return future.Wait[struct{}]()
			}
			if p.Err != nil { // the stage before has closed, and all is done
				s.out.Close()
				return future.Of(struct{}{})
			}
			s.value, s.has = s.work(p.Value), true
		}
		p := s.out.PollSend(cx, &s.to, s.value)
		if !p.Ready || p.Err != nil {
			return p
		}
		s.has = false
	}
}

func (s *stage) Drop() {
	s.from.Cancel()
	s.to.Cancel()
	s.out.Close()
}

// A pipeline of tasks between bounded channels: a slow stage slows down those
// before it, and nothing piles up.
func Example_pipeline() {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	numbers, squares, sums := chans.MPSC[int](4), chans.MPSC[int](4), chans.MPSC[int](4)
	sum := 0
	sched.Spawn(rt, future.Future[struct{}](&stage{in: numbers, out: squares, work: func(n int) int { return n * n }}))
	sched.Spawn(rt, future.Future[struct{}](&stage{in: squares, out: sums, work: func(n int) int { sum += n; return sum }}))

	ctx := context.Background()
	go func() { // an ordinary goroutine at the one end
		for n := range 5 {
			_ = numbers.Send(ctx, n+1)
		}
		numbers.Close()
	}()
	for s := range sums.All(ctx) { // and another at the other
		fmt.Print(s, " ")
	}
	fmt.Println()
	// Output: 1 5 14 30 55
}

// A sender that may fail defers Close: the receiver never waits in vain.
func ExampleOneShot() {
	send, recv := chans.OneShot[string]()
	go func() {
		defer send.Close()
	}()
	_, err := recv.Recv(context.Background())
	fmt.Println(err)
	// Output: chans: closed
}

// Subscribers that are too slow are told what they missed.
func ExampleBroadcast() {
	b := chans.NewBroadcast[string](2)
	s := b.Subscribe()
	for _, news := range []string{"one", "two", "three"} {
		_, _ = b.Send(news)
	}
	b.Close()
	for news, err := range s.All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(news)
	}
	// Output:
	// chans: too slow, missed 1 values
	// two
	// three
}
