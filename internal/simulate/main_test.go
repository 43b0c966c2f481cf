// SPDX-License-Identifier: Apache-2.0

package simulate_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }
