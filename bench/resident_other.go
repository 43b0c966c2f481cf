// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package bench

// residentBytes returns 0: how much memory the process has is read on Linux only.
func residentBytes() uint64 { return 0 }
