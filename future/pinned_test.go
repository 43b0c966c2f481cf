// SPDX-License-Identifier: Apache-2.0

package future

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A countdown is a future that must stay where it is.
type countdown struct {
	Pinned
	left int
}

func (c *countdown) Poll(cx *Context) Poll[int] {
	c.Pin()
	if c.left == 0 {
		return Of(0)
	}
	c.left--
	cx.Wake()
	return Wait[int]()
}

// firstPollHere is a name to look for in the message.
func firstPollHere(f Future[int]) { f.Poll(new(task).cx()) }

func TestPinned(t *testing.T) {
	t.Run("stays", func(t *testing.T) {
		require.Equal(t, Of(0), await(Future[int](&countdown{left: 3})))
	})
	t.Run("copied before the first poll", func(t *testing.T) {
		var c countdown
		c.left = 1
		d := copyOf(&c)
		require.Equal(t, Of(0), await(Future[int](&c)))
		require.Equal(t, Of(0), await(Future[int](d)))
	})
	t.Run("copied after the first poll", func(t *testing.T) {
		c := &countdown{left: 3}
		firstPollHere(c)
		d := copyOf(c)
		message := panicOf(func() { await(Future[int](d)) })
		for _, part := range []string{
			"a copy of a future was polled",
			"(*countdown).Poll (", "pinned_test.go:", // where Pin was called
			"future.firstPollHere (", // by whom
		} {
			require.Contains(t, message, part)
		}
		require.NotContains(t, message, "Pinned", "our own steps are of no interest")
		require.Equal(t, Of(0), await(Future[int](c)), "the original goes on")
	})
}

// copyOf copies a countdown behind the back of go vet.
func copyOf(c *countdown) *countdown {
	return &countdown{Pinned: pinnedCopy(&c.Pinned), left: c.left}
}

func pinnedCopy(p *Pinned) (q Pinned) {
	q.self, q.at = p.self, p.at
	return
}

// panicOf returns the message that f panics with.
func panicOf(f func()) (message string) {
	defer func() { message, _ = recover().(string) }()
	f()
	return "no panic"
}

func TestVetFindsCopies(t *testing.T) {
	out, err := exec.Command("go", "vet", "./testdata/copied").CombinedOutput()
	text := string(out)
	require.Error(t, err, text)
	for _, part := range []string{
		"assignment copies lock value to second",
		"call of take copies lock value",
		"take passes lock by value",
	} {
		require.Contains(t, text, part)
	}
	require.Equal(t, 3, strings.Count(text, "countdown contains github.com/pilfer-go/pilfer/future.Pinned"), text)
}

func TestPinTwiceIsFree(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "can inline (*Pinned).Pin\n")

	c := &countdown{left: 1 << 30}
	cx := new(task).cx()
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Poll(cx) }))
}
