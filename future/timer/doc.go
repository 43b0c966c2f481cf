// SPDX-License-Identifier: Apache-2.0

// Package timer holds the futures of time: [Sleep], [Timeout], [Interval] and what is
// built of them.
//
//	page, err := sched.Await(cx, timer.Timeout(fetch, time.Second))
//	if errors.Is(err, context.DeadlineExceeded) { ...
//
// # Whose time
//
// A future finds its clock and its timers through the Context of its poll: the
// executor's Local is a [Host]. So the same future runs by the system's clock in
// production, and by a [Clock] that a test sets by hand, or that jumps ahead when
// all tasks wait. The executors of package sched are hosts; one of your own is if its
// Local has a [Queue] to return, whose [Queue.Fire] it calls in time.
//
// As all futures these do nothing before their first poll: a Sleep of a second is
// over a second after that.
//
// # How exact
//
// No timer fires early. By the system's clock one fires up to a quarter of a
// millisecond late, a tick of the timing wheel in which it lies, and then its task
// waits for its turn as any other; by a clock of [NewClock] it is exact. A time that
// is over already, or a duration of zero or less, is ready at the first poll, without
// a turn for others. A duration too long to be added to the time is for ever.
//
// # What it costs
//
// To arm and to cancel takes a lock of the party that polls, which others take only
// to cancel a timer that moved to them or to fire it, and a look at the clock. A Sleep
// is one allocation of 64 bytes; BenchmarkTimerArm of package sched has the times.
// Dropping a future takes its timer back at once; nothing of it stays behind.
//
// # Who may call what
//
//	constructors            any
//	futures                 their owner, as all
//	Interval                its owner; one Tick at a time
//	Clock                   any
//	Queue.Init              once, before it is used
//	Queue, the rest         any; with a Local in Fire, the party whose Local that is
//
// # Mistakes
//
// These panic, with a message that names the function: a nil future or clock, a period that is
// not positive, a clock that is set back, the system's clock when it is told to stop,
// a poll by an executor without timers, a poll after the end.
package timer
