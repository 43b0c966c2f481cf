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
