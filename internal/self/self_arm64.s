// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func Goroutine() uintptr
TEXT ·Goroutine(SB), NOSPLIT, $0-8
	MOVD g, ret+0(FP)
	RET

// func read(at uintptr) (thread uintptr, word uint32)
TEXT ·read(SB), NOSPLIT, $0-20
	MOVD 48(g), R0
	MOVD at+0(FP), R1
	MOVD R0, thread+8(FP)
	MOVWU (R0)(R1), R2
	MOVW R2, word+16(FP)
	RET
