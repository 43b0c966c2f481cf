// SPDX-License-Identifier: Apache-2.0

//go:build amd64 || arm64 || 386

package self

// Goroutine returns a number that no other living goroutine has. After the
// goroutine has ended another may have it.
//
// Caller: any.
func Goroutine() uintptr
