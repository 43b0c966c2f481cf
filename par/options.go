// SPDX-License-Identifier: Apache-2.0

package par

// An Option changes how a call shares its work.
type Option struct {
	grain int // 0: found by the call
}

// Grain sets how many elements are worth a fork: no worker is asked in for fewer,
// and from so many on the work is shared at once, without a look at how long the
// first elements take. Values below 1 count as 1.
//
// The blocks of reductions and scans have at least so many elements, so the
// bits of a floating-point result may depend on it.
func Grain(n int) Option { return Option{grain: max(n, 1)} }

// grainOf returns the grain that was asked for, or 0.
func grainOf(opts []Option) (grain int) {
	for _, o := range opts {
		grain = max(grain, o.grain)
	}
	return grain
}
