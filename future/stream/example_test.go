// SPDX-License-Identifier: Apache-2.0

package stream_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/stream"
)

// Up to two requests at once; the results come in the order of the requests.
func ExampleBuffered() {
	fetch := func(n int) future.Future[string] {
		return future.Map(future.YieldNow(), func(struct{}) string { return fmt.Sprint("page ", n) })
	}
	pages := stream.Buffered(stream.Map(stream.Of(1, 2, 3), fetch), 2)
	all, err := future.Block(context.Background(), stream.Collect(pages))
	fmt.Println(all, err)
	// Output: [page 1 page 2 page 3] <nil>
}
