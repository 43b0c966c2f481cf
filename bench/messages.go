// SPDX-License-Identifier: Apache-2.0

package bench

import "fmt"

func messageWorkloads() []Workload {
	return []Workload{{
		Name: "channel", Unit: "message", Size: 1_000_000, Small: 5_000,
		Why:     "one sender and one receiver, a channel with room for 1000, as in Tokio's benchmarks",
		Targets: []Target{{Metric: "ns", Peer: "goroutine", Ratio: 25.0 / 47}},
	}}
}

// messageRoom is the room of the channel.
const messageRoom = 1000

func plainMessages(s *Sample, units int) error {
	got, inOrder := 0, true
	err := s.Time(units, func() error {
		c := make(chan int, messageRoom)
		go func() {
			for n := range units {
				c <- n
			}
			close(c)
		}()
		for n := range c {
			inOrder = inOrder && n == got
			got++
		}
		return nil
	})
	if err == nil && (got != units || !inOrder) {
		err = fmt.Errorf("%d messages of %d, in order: %v", got, units, inOrder)
	}
	return err
}
