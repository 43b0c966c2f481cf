// SPDX-License-Identifier: Apache-2.0

// Package program is what the small examples share: how a command begins and ends.
//
//	func main() { program.Main("cache", run) }
//
// An interrupt ends the context of run, a second one the process. The exit code is 0,
// or 1 after an error, 2 after a mistake in the command line, 130 after an interrupt.
package program
