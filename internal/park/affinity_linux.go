// SPDX-License-Identifier: Apache-2.0

package park

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const callingThread = 0 // what the kernel takes for "myself"

// PinCPU lets the calling thread run on the given CPU only. The goroutine must be
// locked to its thread and should end without unlocking it: the runtime then
// drops the thread, where it would otherwise lend it, still pinned, to others.
//
// Caller: a goroutine locked to its thread.
func PinCPU(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu) // out of range leaves the set empty, which the kernel refuses
	if err := unix.SchedSetaffinity(callingThread, &set); err != nil {
		return fmt.Errorf("park: pin thread to CPU %d: %w", cpu, err)
	}
	return nil
}

// CPUs returns the numbers of the CPUs that the calling thread may run on, in
// ascending order, or nil if the system does not tell.
//
// Caller: any.
func CPUs() []int {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(callingThread, &set); err != nil {
		return nil
	}
	cpus := make([]int, 0, set.Count())
	for cpu := 0; len(cpus) < cap(cpus); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}
