// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func Goroutine() uintptr
TEXT ·Goroutine(SB), NOSPLIT, $0-4
	MOVL (TLS), AX
	MOVL AX, ret+0(FP)
	RET

// func read(at uintptr) (thread uintptr, word uint32)
TEXT ·read(SB), NOSPLIT, $0-12
	MOVL (TLS), AX
	MOVL 24(AX), AX
	MOVL at+0(FP), BX
	MOVL AX, thread+4(FP)
	MOVL (AX)(BX*1), CX
	MOVL CX, word+8(FP)
	RET
