// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"slices"

	"github.com/pilfer-go/pilfer/sched"
)

// Filter returns the elements of s for which keep reports true, in order, in a
// slice of their own.
//
// Caller: as [For].
func Filter[S ~[]E, E any](at sched.Spawner, s S, keep func(v E) bool, opts ...Option) S {
	if keep == nil {
		refuseNil("Filter")
	}
	f := sifter[S, E]{s: s}
	var p pass
	if p.begin(noContext, at, len(s), len(s), opts) && p.tried(f.pass(&p, keep)) {
		f.rest(&p, func(p *pass) (int, error) { return f.pass(p, keep) })
	}
	must(p.err)
	return f.yes
}

// FilterContext is [Filter] for a function that fails, and ends with ctx. It
// returns no slice if it returns an error.
//
// Caller: as [For].
func FilterContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, keep func(v E) (bool, error), opts ...Option) (S, error) {
	if keep == nil {
		refuseNil("FilterContext")
	}
	f := sifter[S, E]{s: s}
	if err := f.sift(ctx, at, keep, opts); err != nil {
		return nil, err
	}
	return f.yes, nil
}

// Partition returns the elements of s for which first reports true, and the others,
// both in order, in slices of their own.
//
// Caller: as [For].
func Partition[S ~[]E, E any](at sched.Spawner, s S, first func(v E) bool, opts ...Option) (yes, no S) {
	if first == nil {
		refuseNil("Partition")
	}
	f := sifter[S, E]{s: s, both: true}
	var p pass
	if p.begin(noContext, at, len(s), len(s), opts) && p.tried(f.pass(&p, first)) {
		f.rest(&p, func(p *pass) (int, error) { return f.pass(p, first) })
	}
	must(p.err)
	return f.yes, f.no
}

// PartitionContext is [Partition] for a function that fails, and ends with ctx. It
// returns no slices if it returns an error.
//
// Caller: as [For].
func PartitionContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, first func(v E) (bool, error), opts ...Option) (yes, no S, err error) {
	if first == nil {
		refuseNil("PartitionContext")
	}
	f := sifter[S, E]{s: s, both: true}
	if err := f.sift(ctx, at, first, opts); err != nil {
		return nil, nil, err
	}
	return f.yes, f.no, nil
}

// A sifter sorts elements into two slices. The trial appends to them. What is
// shared is marked first, as nobody knows yet where an element goes; then the marks
// of each block are counted, and its elements copied.
type sifter[S ~[]E, E any] struct {
	s       S
	both    bool // the elements of no are wanted
	yes, no S
	marks   []bool // nil in the trial; of the elements from from on
	from    int
}

func (f *sifter[S, E]) sift(ctx context.Context, at sched.Spawner, ask func(v E) (bool, error), opts []Option) error {
	var p pass
	if p.begin(ctx, at, len(f.s), len(f.s), opts) && p.tried(f.errPass(&p, ask)) {
		f.rest(&p, func(p *pass) (int, error) { return f.errPass(p, ask) })
	}
	return p.err
}

func (f *sifter[S, E]) pass(p *pass, ask func(v E) bool) (i int, err error) {
	defer p.stand()
	defer caught(&i, &err)
	for p.next() {
		if marks := f.marks; marks != nil {
			for i = p.lo; i < p.hi; i++ {
				marks[i-f.from] = ask(f.s[i])
			}
			continue
		}
		for i = p.lo; i < p.hi; i++ {
			f.put(i, ask(f.s[i]))
		}
	}
	return i, nil
}

func (f *sifter[S, E]) errPass(p *pass, ask func(v E) (bool, error)) (i int, err error) {
	defer p.stand()
	defer caught(&i, &err)
	for p.next() {
		for i = p.lo; i < p.hi && !p.cut(i); i++ {
			yes, err := ask(f.s[i])
			if err != nil {
				return i, err
			}
			if f.marks != nil {
				f.marks[i-f.from] = yes
			} else {
				f.put(i, yes)
			}
		}
	}
	return i, nil
}

// put appends an element where it belongs.
func (f *sifter[S, E]) put(i int, yes bool) {
	if yes {
		f.yes = append(f.yes, f.s[i])
	} else if f.both {
		f.no = append(f.no, f.s[i])
	}
}

// siftBlock is how many marks are counted as one.
const siftBlock = 4096

// rest sorts what the trial has left.
func (f *sifter[S, E]) rest(p *pass, mark func(p *pass) (int, error)) {
	f.from = p.hi
	n := len(f.s) - f.from
	f.marks = make([]bool, n)
	p.share(1, mark)
	if p.err != nil {
		return
	}
	blocks := blocksOf(n, siftBlock)
	ends := make([]int, blocks) // marks in each block, then up to each block's end
	whole := &pass{at: p.at, ctx: p.ctx, end: blocks}
	whole.share(1, func(p *pass) (int, error) {
		for p.next() {
			for b := p.lo; b < p.hi; b++ {
				for _, yes := range f.block(b) {
					if yes {
						ends[b]++
					}
				}
			}
		}
		return 0, nil
	})
	total := len(f.yes)
	for b, n := range ends {
		total += n
		ends[b] = total
	}
	yes := slices.Grow(f.yes, total-len(f.yes))[:total]
	var no S
	if f.both {
		no = slices.Grow(f.no, len(f.s)-total-len(f.no))[:len(f.s)-total]
	}
	again := &pass{at: p.at, ctx: p.ctx, end: blocks, err: whole.err}
	if again.err == nil {
		again.share(1, func(p *pass) (int, error) {
			for p.next() {
				for b := p.lo; b < p.hi; b++ {
					f.move(yes, no, b, ends)
				}
			}
			return 0, nil
		})
	}
	f.yes, f.no, p.err = yes, no, again.err
}

// block returns the marks of a block.
func (f *sifter[S, E]) block(b int) []bool {
	lo := b * siftBlock
	return f.marks[lo : lo+min(siftBlock, len(f.marks)-lo)]
}

// move copies the elements of a block.
func (f *sifter[S, E]) move(yes, no S, b int, ends []int) {
	y := len(f.yes)
	if b > 0 {
		y = ends[b-1]
	}
	i := f.from + b*siftBlock
	n := i - y
	for _, mark := range f.block(b) {
		if mark {
			yes[y] = f.s[i]
			y++
		} else if f.both {
			no[n] = f.s[i]
			n++
		}
		i++
	}
}
