// SPDX-License-Identifier: Apache-2.0

package timer_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/waker"
)

// An executor of your own has timers if its Local is a Host: here one that polls a
// single future, and jumps from timer to timer.
type single struct{ timers timer.Queue }

func (s *single) Timers() *timer.Queue { return &s.timers }

func run[T any](f future.Future[T], clock *timer.Clock) (T, error) {
	s := new(single)
	s.timers.Init(clock, nil)
	cx := waker.NewContext(waker.Noop())
	for {
		cx.Reset(waker.Noop(), s, 128)
		if p := f.Poll(cx); p.Ready {
			return p.Value, p.Err
		}
		clock.Idle(s.timers.Next())
		s.timers.Fire(clock.Instant(), s, 1000)
	}
}

func Example() {
	clock := timer.NewClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	clock.AutoAdvance(true)
	_, err := run(timer.Sleep(36*time.Hour), clock)
	fmt.Println(clock.Now(), err)
	_, err = run(timer.Timeout(future.Pending[int](), time.Second), clock)
	fmt.Println(err, errors.Is(err, context.DeadlineExceeded))
	// Output:
	// 2030-01-02 12:00:00 +0000 UTC <nil>
	// timer: the time is over true
}

// day returns a clock that jumps, at the begin of a day.
func day() *timer.Clock {
	clock := timer.NewClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	clock.AutoAdvance(true)
	return clock
}

func ExampleTimeout() {
	slow := future.Map(timer.Sleep(time.Minute), func(struct{}) string { return "done" })
	_, err := run(timer.Timeout(slow, time.Second), day())
	fmt.Println(errors.Is(err, timer.ErrTimeout))
	// Output: true
}

// A ticker for a task: what it misses is made up for, or not, as OnMissed says.
func ExampleEvery() {
	every := timer.Every(8 * time.Hour).OnMissed(timer.Skip)
	clock := day()
	for range 3 {
		at, err := run(every.Tick(), clock)
		fmt.Println(at.Format(time.TimeOnly), err)
	}
	// Output:
	// 08:00:00 <nil>
	// 16:00:00 <nil>
	// 00:00:00 <nil>
}

// What is typed is looked up when the typing has stopped.
func ExampleDebounce() {
	clock := day()
	typed := timer.NewDebounce[string](clock, 300*time.Millisecond)
	typed.Push("g")
	typed.Push("go")
	word, err := run(typed.Next(), clock)
	fmt.Println(word, err, clock.Now().Format("05.000"))
	// Output: go <nil> 00.300
}

func ExampleDelayQueue() {
	clock := day()
	sessions := timer.NewDelayQueue[string](clock)
	sessions.Insert("Ann", 30*time.Minute)
	bob := sessions.Insert("Bob", 20*time.Minute)
	sessions.Reset(bob, time.Hour) // he has come back
	for range 2 {
		who, err := run(sessions.Next(), clock)
		fmt.Println(clock.Now().Format(time.TimeOnly), who, err)
	}
	// Output:
	// 00:30:00 Ann <nil>
	// 01:00:00 Bob <nil>
}

// In a test the clock is set by hand.
func ExampleClock_Advance() {
	clock := timer.NewClock(time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC))
	clock.Advance(90 * time.Minute)
	fmt.Println(clock.Now().Format(time.TimeOnly))
	// Output: 13:30:00
}
