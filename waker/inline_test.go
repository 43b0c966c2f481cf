// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// What every poll does must not cost a call.
func TestInlined(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, method := range []string{
		"(*Context).Reset", "(*Context).Next", "(*Context).Waker", "(*Context).Spend", "(*Context).Taken", "(*Context).Again",
		"(*Context).Local", "(*Context).Borrow", "(*Context).Repay",
		"New", "Waker.Clone", "Waker.WakeBy", "Waker.WakeIn", "Waker.WillWake",
	} {
		require.Contains(t, string(out), "can inline "+method+"\n")
	}
}
