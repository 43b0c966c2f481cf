// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package park

import (
	"errors"
	"fmt"
	"runtime"
)

// PinCPU would let the calling thread run on one CPU only. It returns an error
// that wraps [errors.ErrUnsupported]: this system has no such call, or none that
// binds.
//
// Caller: a goroutine locked to its thread.
func PinCPU(cpu int) error {
	return fmt.Errorf("park: pin thread to CPU %d on %s: %w", cpu, runtime.GOOS, errors.ErrUnsupported)
}

// CPUs returns the numbers of the CPUs that the calling thread may run on, in
// ascending order, or nil if the system does not tell, as here.
//
// Caller: any.
func CPUs() []int { return nil }
