// SPDX-License-Identifier: Apache-2.0

package explore_test

import (
	"fmt"

	"github.com/pilfer-go/pilfer/internal/explore"
)

func Example() {
	r := explore.Run(explore.Options{}, func(x *explore.X) {
		var n explore.Int32
		for i := range 2 {
			x.Go(fmt.Sprint("adder ", i), func() { n.Store(n.Load() + 1) })
		}
		x.Wait()
		x.Check(n.Load() == 2, "two additions make %d", n.Load())
	})
	fmt.Println(r.Failure.Kind, "-", r.Failure.What)
	fmt.Println(r.Failure.Schedule)
	// Output:
	// failed check - two additions make 1
	// 1.2*2.1.0*4
}
