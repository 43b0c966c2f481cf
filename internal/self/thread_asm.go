// SPDX-License-Identifier: Apache-2.0

//go:build amd64 || arm64 || 386

package self

const canRead = true

// read returns the descriptor of the calling goroutine's thread, and a word of it.
// The goroutine's own descriptor has it behind the bounds of the stack and four
// further words, which linkers rely on.
func read(at uintptr) (thread uintptr, word uint32)
