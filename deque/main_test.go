// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(testkit.Settled(m))
}

// numbers returns n jobs that hold their number.
func numbers(n int) []*int {
	values, jobs := make([]int, n), make([]*int, n)
	for i := range jobs {
		values[i] = i
		jobs[i] = &values[i]
	}
	return jobs
}
