// SPDX-License-Identifier: Apache-2.0

//go:build explore

package point

// Most bounds the sizes and numbers of rounds that an exploration cuts down, so
// that what is rare becomes common there: a constant c is written min(c, Most).
const Most = 2

// Explored says whether words are instrumented. Whoever tells of plain memory by
// [Reads] or [Writes] asks it first: a call of an empty function is free, but to find
// the address that it is given may not be.
const Explored = true
