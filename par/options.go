// SPDX-License-Identifier: Apache-2.0

package par

// An Option changes how a call shares its work.
type Option struct {
	grain    int // 0: found by the call
	inFlight int // 0: the default
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

// InFlight bounds how many values of a pipeline, or elements of an iterator, are
// between the source and the results. The default is four for each worker. Values
// below 1 count as 1, and those above 65,536 as that.
func InFlight(n int) Option { return Option{inFlight: max(n, 1)} }

// inFlightOf returns the bound that was asked for, or 0.
func inFlightOf(opts []Option) (n int) {
	for _, o := range opts {
		if o.inFlight > 0 {
			n = o.inFlight
		}
	}
	return n
}
