// SPDX-License-Identifier: Apache-2.0

package sched

// TimekeeperLooks returns how often the runtime's timekeeper slept.
func TimekeeperLooks(rt *Runtime) int { return int(rt.keeper.sleeps.Load()) }

// ArmedTimers returns how many timers of the runtime are armed.
func ArmedTimers(rt *Runtime) (n int) {
	for _, r := range rt.registries() {
		n += r.timers.Len()
	}
	return n
}
