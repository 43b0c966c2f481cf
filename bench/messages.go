// SPDX-License-Identifier: Apache-2.0

package bench

// The rows of this file are what tasks tell each other: channels, locks, and
// promises. pilfer_messages.go and plain_messages.go do them.

func messageWorkloads() []Workload {
	return []Workload{
		{
			Name: "channel", Unit: "message", Size: 1_000_000, Small: 5_000,
			Why:     "one sender and one receiver, a channel with room for 1000, as in Tokio's benchmarks",
			Targets: []Target{{Metric: "ns", Peer: "goroutine", Ratio: 25.0 / 47}},
		},
		{
			Name: "mpsc-4", Unit: "message", Size: 1_000_000, Small: 5_000,
			Why:     "the same with four senders: contention for the channel",
			Targets: against("ns", 30, map[string]float64{"goroutine": 43}),
		},
		{
			Name: "one-shot", Unit: "message", Size: 1_000_000, Small: 5_000,
			Why:     "a channel for one message is created, sent to and received from, all in one task: what it costs without a hand-over",
			Targets: append(against("ns", 35, nil), Target{Metric: "allocs", Max: 1.01}),
		},
		{
			Name: "hop", Unit: "hop", Size: 1_000_000, Small: 2_000,
			Why:     "one task asks another that is there already, which answers through a new one-shot channel: a hop is one message between running tasks",
			Targets: append(against("ns", 80, map[string]float64{"goroutine": 281}), Target{Metric: "allocs", Max: 1.01}),
		},
		{
			Name: "pairs", Unit: "round trip", Size: 100 * pingPairs, Small: 5 * pingPairs,
			Why:     "1000 pairs that stay ask and answer through channels: ping-pong without its spawns and promises",
			Targets: []Target{{Metric: "ns", Peer: "goroutine", Ratio: 1}},
		},
		{
			Name: "notify", Unit: "round trip", Size: 500_000, Small: 1_000,
			Why:     "two tasks tell each other by turns that it is their turn",
			Targets: against("ns", 120, map[string]float64{"goroutine": 336}),
		},
		{
			Name: "mutex", Unit: "lock", Size: 5_000_000, Small: 5_000,
			Why:     "lock and unlock what nobody else wants",
			Targets: against("ns", 15, nil),
		},
		{
			Name: "semaphore", Unit: "permit", Size: 5_000_000, Small: 5_000,
			Why:     "take and give back one of four permits that nobody else wants",
			Targets: append(against("ns", 15, nil), Target{Metric: "ns", Peer: "x-semaphore", Ratio: 1}),
		},
		{
			Name: "mutex-1000", Unit: "lock", Size: 1000 * lockTasks, Small: 5 * lockTasks,
			Why:     "1000 tasks that want one mutex all the time: each unlock hands it to the one that has waited longest",
			Targets: append(against("ns", 80, nil), Target{Metric: "ns", Peer: "x-semaphore", Ratio: 1}),
		},
	}
}

const (
	messageRoom    = 1000 // of the bounded channels
	messageSenders = 4    // of mpsc-4
	lockTasks      = 1000 // of mutex-1000
	permits        = 4    // of semaphore
)

// A message tells who sent it, so that the order of each sender can be checked.
type message struct{ from, n int32 }

// A tally checks that the messages of each sender come in order.
type tally struct {
	next [messageSenders]int32
	got  int
}

// note counts a message that is in order.
func (t *tally) note(m message) {
	if m.n == t.next[m.from] {
		t.next[m.from]++
		t.got++
	}
}

// sends returns how many of units messages a sender sends.
func sends(units, sender, senders int) int32 {
	lo, hi := cut(units, sender, senders)
	return int32(hi - lo)
}
