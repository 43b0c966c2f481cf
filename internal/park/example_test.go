// SPDX-License-Identifier: Apache-2.0

package park_test

import (
	"fmt"

	"github.com/pilfer-go/pilfer/internal/park"
)

func ExampleParker() {
	p := park.New()
	fmt.Println("a permit at the start:", p.TryPark())

	ready := ""
	go func() {
		ready = "written before Unpark"
		p.Unpark()
	}()
	p.Park()
	fmt.Println(ready)
	// Output:
	// a permit at the start: false
	// written before Unpark
}
