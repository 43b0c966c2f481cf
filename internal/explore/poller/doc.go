// SPDX-License-Identifier: Apache-2.0

// Package poller lets a thread of an exploration wait for futures: it polls when it is
// woken, and sleeps in between, so that a wake that is lost is a deadlock of the model.
// It is for tests only.
//
// # Who may call what
//
//	New            any
//	Poller.WakeBy  any
//	the rest       the thread that polls
package poller
