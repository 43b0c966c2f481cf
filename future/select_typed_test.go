// SPDX-License-Identifier: Apache-2.0

package future

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func init() {
	combinators = append(combinators, []struct {
		name string
		make func(w *ward) machine
	}{
		{"Answer", func(w *ward) machine { return adapt(Answer(w.fail(2, errTest))) }},
		{"Join of Answers", func(w *ward) machine {
			return adapt(Join(Answer(w.fail(1, errTest)), Answer(w.value(3, 1))))
		}},
		{"Select3", func(w *ward) machine { return adapt(Select3(w.value(3, 1), w.fail(2, errTest), w.value(4, 1))) }},
		{"Select2Fair", func(w *ward) machine { return adapt(Select2Fair(1, w.value(2, 1), w.value(2, 1))) }},
		{"Select3Fair", func(w *ward) machine {
			return adapt(Select3Fair(1, w.value(2, 1), w.value(2, 1), w.fail(2, errTest)))
		}},
	}...)
}

func TestTypedSelect(t *testing.T) {
	require.Equal(t, Either3[int, string, bool]{Third: Of(true)},
		await(Select3(Pending[int](), Pending[string](), Ready(true))).Value)
	require.Equal(t, Either3[int, string, bool]{Second: Fail[string](errTest)},
		await(Select3(Pending[int](), Failed[string](errTest), Ready(true))).Value)

	first := 0
	for seed := range uint64(200) {
		e := await(Select2Fair(seed, Ready(1), Ready("b"))).Value
		require.NotEqual(t, e.First.Ready, e.Second.Ready)
		require.Equal(t, e, await(Select2Fair(seed, Ready(1), Ready("b"))).Value, "the same seed")
		if e.First.Ready {
			first++
		}
		e3 := await(Select3Fair(seed, Ready(1), Ready("b"), Pending[bool]())).Value
		require.False(t, e3.Third.Ready)
	}
	require.InDelta(t, 100, first, 50)
}

func TestAnswerGoesOnAfterBoth(t *testing.T) {
	after := func(f Future[int]) Poll[string] {
		return await(Then(Answer(f), func(p Poll[int]) Future[string] { return Ready(fmt.Sprint(p.Value, p.Err)) }))
	}
	require.Equal(t, Of("3 <nil>"), after(Ready(3)))
	require.Equal(t, Of("0 "+errTest.Error()), after(Failed[int](errTest)))
}

func ExampleAnswer() {
	both := Join(Answer(Failed[int](fmt.Errorf("no left"))), Answer(Ready("right")))
	p := await(both)
	fmt.Println(p.Value.First.Err, p.Value.Second.Value)
	// Output: no left right
}
