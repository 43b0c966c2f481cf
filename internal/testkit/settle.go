// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"runtime"
	"time"
)

// settling is how long goroutines that the tests have started may take to end after the
// last test, beyond what a thread may stall for.
const settling = 10 * time.Second

// Settled returns tests to run whose Run returns when the goroutines have ended that the
// tests have started, or after 10 seconds: goleak, which is to look then, gives them less
// than half a second.
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }
func Settled(m interface{ Run() int }) interface{ Run() int } { return settled{m} }

type settled struct{ m interface{ Run() int } }

// Run runs the tests.
func (s settled) Run() int {
	before := runtime.NumGoroutine()
	code := s.m.Run()
	for end := time.Now().Add(settling); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	return code
}
