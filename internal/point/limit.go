// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package point

// Most bounds the sizes and numbers of rounds that an exploration cuts down, so
// that what is rare becomes common there: a constant c is written min(c, Most).
const Most = 1 << 30
