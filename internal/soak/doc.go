// SPDX-License-Identifier: Apache-2.0

// Package soak mixes everything that pilfer has, on real threads and for as long as one
// likes, with random aborts, panics, resizes, closes and pressure on the collector:
//
//	make soak SOAK=10m
//
// Rounds of a few seconds take turns at GOMAXPROCS 1, 2 and 8. In each a runtime of
// random options is kept busy from several goroutines by spawns, fork-join, package par,
// graphs, channels, locks, timers, blocking functions, scopes, JoinSets, groups and
// guests, and is closed: after they have ended, or under them.
//
// Checked are: each piece of work is done once, or there is a reason; every handle has an
// answer; nothing is queued, armed or counted after Close; no goroutine is left; the heap
// after a round does not grow from round to round; and a task from outside does not wait
// for more than so many turns of tasks that yield for ever. A table says what was done.
//
// The test of the package is the same for a few seconds. What a round does is decided by
// a seed, which a failure prints; the order in which threads do it is not, so a seed
// makes it likely that a failure comes again, no more. For that there is
// internal/simulate.
package soak
