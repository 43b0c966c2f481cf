// SPDX-License-Identifier: Apache-2.0

// Command pilfer tells how the runtime does on this machine.
//
//	pilfer doctor     measure the basic operations, locked and unlocked (5 s)
//	pilfer version    print versions
//
// The figures of doctor are for a first look, and for bug reports; comparisons
// with other libraries are in the bench folder.
package main
