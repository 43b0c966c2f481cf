// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func Goroutine() uintptr
TEXT ·Goroutine(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

// func read(at uintptr) (thread uintptr, word uint32)
TEXT ·read(SB), NOSPLIT, $0-20
	MOVQ (TLS), AX
	MOVQ 48(AX), AX
	MOVQ at+0(FP), BX
	MOVQ AX, thread+8(FP)
	MOVL (AX)(BX*1), CX
	MOVL CX, word+16(FP)
	RET
