// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"sync"

	"golang.org/x/sync/semaphore"
)

// plainMessages are what goroutines tell each other.
func plainMessages() map[string]Open {
	return map[string]Open{
		"channel":    plain(func(s *Sample, units int) error { return plainSend(s, units, 1) }),
		"mpsc-4":     plain(func(s *Sample, units int) error { return plainSend(s, units, messageSenders) }),
		"one-shot":   plain(plainOneShot),
		"hop":        plain(plainHop),
		"pairs":      plain(plainPairs),
		"notify":     plain(plainNotify),
		"mutex":      plain(plainMutex),
		"semaphore":  plain(plainSemaphore),
		"mutex-1000": plain(func(s *Sample, units int) error { var m sync.Mutex; return contend(s, units, m.Lock, m.Unlock) }),
	}
}

func plainSend(s *Sample, units, senders int) error {
	var t tally
	err := s.Time(units, func() error {
		c := make(chan message, messageRoom)
		var all sync.WaitGroup
		for i := range senders {
			all.Go(func() {
				for n := range sends(units, i, senders) {
					c <- message{int32(i), n}
				}
			})
		}
		go func() {
			all.Wait()
			close(c)
		}()
		for m := range c {
			t.note(m)
		}
		return nil
	})
	return orLeft(err, int64(units-t.got))
}

func plainOneShot(s *Sample, units int) error {
	got := 0
	err := s.Time(units, func() error {
		for n := range units {
			c := make(chan int, 1)
			c <- n
			if <-c == n {
				got++
			}
		}
		return nil
	})
	return orLeft(err, int64(units-got))
}

func plainHop(s *Sample, units int) error {
	trips, got := units/2, 0
	err := s.Time(2*trips, func() error {
		asks := make(chan chan int, 1)
		var echo sync.WaitGroup
		echo.Go(func() {
			n := 0
			for answer := range asks {
				answer <- n
				n++
			}
		})
		for n := range trips {
			answer := make(chan int, 1)
			asks <- answer
			if <-answer == n {
				got++
			}
		}
		close(asks)
		echo.Wait()
		return nil
	})
	return orLeft(err, int64(trips-got))
}

// plainPairs lets pairs of goroutines ask and answer over two unbuffered channels.
func plainPairs(s *Sample, units int) error {
	trips := units / pingPairs
	var answered [pingPairs]int
	err := s.Time(trips*pingPairs, func() error {
		var wg sync.WaitGroup
		for i := range answered {
			there, back := make(chan int), make(chan int)
			wg.Go(func() {
				for n := range there {
					back <- n
				}
			})
			wg.Go(func() {
				defer close(there)
				for n := range trips {
					there <- n
					if <-back == n {
						answered[i]++
					}
				}
			})
		}
		wg.Wait()
		return nil
	})
	return checkPairs(err, answered[:], trips)
}

// checkPairs returns an error unless each pair had its round trips.
func checkPairs(err error, answered []int, trips int) error {
	left := 0
	for _, n := range answered {
		left += max(n-trips, trips-n)
	}
	return orLeft(err, int64(left))
}

func plainNotify(s *Sample, units int) error {
	got := 0
	err := s.Time(units, func() error {
		there, back := make(chan none), make(chan none)
		go func() {
			for range there {
				back <- none{}
			}
			close(back)
		}()
		for range units {
			there <- none{}
			<-back
			got++
		}
		close(there)
		<-back
		return nil
	})
	return orLeft(err, int64(units-got))
}

func plainMutex(s *Sample, units int) error {
	var m sync.Mutex
	got := 0
	err := s.Time(units, func() error {
		for range units {
			m.Lock()
			got++
			m.Unlock()
		}
		return nil
	})
	return orLeft(err, int64(units-got))
}

// plainSemaphore takes a place in a channel.
func plainSemaphore(s *Sample, units int) error {
	places := make(chan none, permits)
	got := 0
	err := s.Time(units, func() error {
		for range units {
			places <- none{}
			got++
			<-places
		}
		return nil
	})
	return orLeft(err, int64(units-got))
}

// contend has goroutines lock and unlock again and again. All wait at the start.
func contend(s *Sample, units int, lock, unlock func()) error {
	got := 0
	err := s.Time(units, func() error {
		lock()
		var wg sync.WaitGroup
		for i := range lockTasks {
			wg.Go(func() {
				lo, hi := cut(units, i, lockTasks)
				for range hi - lo {
					lock()
					got++
					unlock()
				}
			})
		}
		unlock()
		wg.Wait()
		return nil
	})
	return orLeft(err, int64(units-got))
}

// weighted returns the semaphore of golang.org/x/sync, which is first come, first
// served; as a mutex it has one permit.
func weighted() Runtime {
	take := func(sem *semaphore.Weighted) func() {
		return func() {
			if err := sem.Acquire(background, 1); err != nil {
				panic(err) // the context never ends
			}
		}
	}
	return Runtime{Name: "x-semaphore", How: "semaphore.Weighted of golang.org/x/sync; of one permit where a mutex is asked for", Open: map[string]Open{
		"semaphore": plain(func(s *Sample, units int) error {
			sem, got := semaphore.NewWeighted(permits), 0
			acquire := take(sem)
			err := s.Time(units, func() error {
				for range units {
					acquire()
					got++
					sem.Release(1)
				}
				return nil
			})
			return orLeft(err, int64(units-got))
		}),
		"mutex-1000": plain(func(s *Sample, units int) error {
			sem := semaphore.NewWeighted(1)
			return contend(s, units, take(sem), func() { sem.Release(1) })
		}),
	}}
}
