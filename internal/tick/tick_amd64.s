// SPDX-License-Identifier: Apache-2.0

//go:build !explore

#include "textflag.h"

// func Now() int64
TEXT ·Now(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET
