// SPDX-License-Identifier: Apache-2.0

package wheel_test

import (
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/internal/wheel"
)

func Example() {
	w := wheel.New[string](20)
	for _, d := range []time.Duration{time.Hour, time.Second, time.Minute} {
		w.Insert(&wheel.Entry[string]{When: int64(d), Value: d.String()}, 0)
	}
	now := int64(2 * time.Minute)
	for e, more := w.Step(now); more; e, more = w.Step(now) {
		if e != nil {
			fmt.Println(e.Value)
		}
	}
	fmt.Println(time.Duration(w.Next()).Round(time.Minute))
	// Output:
	// 1s
	// 1m0s
	// 1h0m0s
}
