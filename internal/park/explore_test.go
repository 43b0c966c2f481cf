// SPDX-License-Identifier: Apache-2.0

//go:build explore

package park

import (
	"fmt"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// parkModel: each giver publishes something and gives a permit, so many times; the
// owner parks until it has seen all. make is the Parker, and during what else happens.
func parkModel(givers, each int, make func() *Parker, during func(x *explore.X, p *Parker)) func(x *explore.X) {
	return parkModelBy((*Parker).Park, givers, each, make, during)
}

// parkModelBy is parkModel with a way to park.
func parkModelBy(park func(p *Parker), givers, each int, make func() *Parker, during func(x *explore.X, p *Parker)) func(x *explore.X) {
	return func(x *explore.X) {
		p := make()
		var given point.Int32
		begun := 0 // plain: each is before the permit is given
		words := new([4]int)
		for i := range givers {
			x.Go(fmt.Sprint("giver ", i), func() {
				for range each {
					point.Writes(&words[i])
					words[i]++
					begun++
					given.Inc()
					p.Unpark()
				}
			})
		}
		x.Go("owner", func() {
			for parks := 1; given.Load() < int32(givers*each); parks++ {
				park(p)
				x.Check(parks <= begun, "%d parks are over, after %d permits", parks, begun)
				p.Mind()
			}
			for i := range givers {
				point.Reads(&words[i])
				x.Check(words[i] == each, "giver %d: %d", i, words[i])
			}
		})
		if during != nil {
			during(x, p)
		}
	}
}

func TestExploreParker(t *testing.T) {
	explore.Model{
		Structure: "parker, futex", Operations: "2 givers, 2 permits each; the owner parks until it has seen all",
		Run: parkModel(2, 2, New, nil),
	}.Check(t)
}

func TestExploreParkerPortable(t *testing.T) {
	explore.Model{
		Structure: "parker, channel", Operations: "2 givers, 2 permits each; the owner parks until it has seen all",
		Run: parkModel(2, 2, NewPortable, nil),
	}.Check(t)
}

// A time that does not end changes nothing.
func TestExploreParkForEver(t *testing.T) {
	for name, make := range map[string]func() *Parker{"futex": New, "channel": NewPortable} {
		explore.Model{
			Structure: "parker, " + name, Operations: "2 givers, a permit each; the owner parks for a time that does not end until it has seen both",
			Run: parkModelBy(func(p *Parker) {
				if !p.ParkFor(forever) {
					panic("for ever is over")
				}
			}, 2, 1, make, nil),
		}.Check(t)
	}
}

// The owner gives up at any moment: a permit that ParkFor does not take is there for
// the next Park.
func TestExploreParkFor(t *testing.T) {
	for name, make := range map[string]func() *Parker{"futex": New, "channel": NewPortable, "futex, then channel": newNapper} {
		explore.Model{
			Structure: "parker, " + name, Operations: "2 givers, a permit each; the owner parks for a time twice, then for good",
			Run: func(x *explore.X) {
				p := make()
				words := new([2]int)
				begun := 0
				for i := range words {
					x.Go(fmt.Sprint("giver ", i), func() {
						point.Writes(&words[i])
						words[i]++
						begun++
						p.Unpark()
					})
				}
				x.Go("owner", func() {
					if !p.ParkFor(napMost) && !p.ParkFor(time.Second) {
						p.Park() // hangs if the permit is lost
					}
					x.Check(begun > 0, "a park is over before there was a permit")
				})
				x.Wait()
				p.TryPark()
				for i := range words {
					point.Reads(&words[i])
					x.Check(words[i] == 1, "giver %d: %d", i, words[i])
				}
				x.Check(p.word.Load() == empty, "word %d at the end", int32(p.word.Load()))
			},
		}.Check(t)
	}
}

// The owner goes to bed in one sleep and into the kernel in the next.
func TestExploreParkerUnderPressure(t *testing.T) {
	var pressure *Pressure
	explore.Model{
		Structure: "parker, futex or channel", Operations: "a giver, 2 permits; the pressure rises and falls",
		Run: parkModel(1, 2, func() *Parker {
			pressure = new(Pressure)
			p := New()
			p.Under(pressure)
			return p
		}, func(x *explore.X, p *Parker) {
			x.Go("pressure", func() {
				pressure.until.Store(100)
				pressure.until.Store(0)
			})
		}),
	}.Check(t)
}

// A permit is one permit however often it is given, and TryPark takes it or not.
func TestExploreTryPark(t *testing.T) {
	explore.Model{
		Structure: "parker, futex", Operations: "a giver, 3 permits; the owner tries twice, and once more in the end",
		Run: func(x *explore.X) {
			p := New()
			x.Go("giver", func() {
				for range 3 {
					p.Unpark()
				}
			})
			taken := 0
			x.Go("owner", func() {
				for range 2 {
					if p.TryPark() {
						taken++
					}
				}
			})
			x.Wait()
			if p.TryPark() {
				taken++
			}
			x.Check(taken >= 1 && taken <= 3, "%d permits", taken)
			x.Check(p.word.Load() == empty, "word %d at the end", int32(p.word.Load()))
		},
	}.Check(t)
}
