// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package table

import (
	"os"
	"os/exec"
	"time"
)

// readLoad is for Linux: elsewhere no run is marked as disturbed.
func readLoad() load { return load{} }

// cpuOf is for Linux: elsewhere a deadlock ends at the time limit.
func cpuOf(int) (time.Duration, bool) { return 0, false }

// peakBytes is for Linux.
func peakBytes(*os.ProcessState) int64 { return 0 }

// startOn is for Linux: elsewhere a child runs on all CPUs.
func startOn(cmd *exec.Cmd, _ int) error { return cmd.Start() }
