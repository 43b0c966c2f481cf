// SPDX-License-Identifier: Apache-2.0

//go:build !(amd64 || arm64 || 386)

package self

// Goroutine returns 0: on this machine goroutines cannot be told apart.
//
// Caller: any.
func Goroutine() uintptr { return 0 }
