// SPDX-License-Identifier: Apache-2.0

package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

func parse(most int, args ...string) (out string, err error) {
	var text strings.Builder
	fs := flag.NewFlagSet("tool", flag.ContinueOnError)
	fs.Int("n", 1, "how many")
	err = Parse(fs, &text, args, most)
	return text.String(), err
}

func TestParse(t *testing.T) {
	out, err := parse(0, "-n", "3")
	require.NoError(t, err)
	require.Empty(t, out)
	_, err = parse(-1, "a", "b")
	require.NoError(t, err)
	_, err = parse(1, "a")
	require.NoError(t, err)

	out, err = parse(0, "-h")
	require.ErrorIs(t, err, flag.ErrHelp)
	require.Contains(t, out, "how many")
	for _, args := range [][]string{{"-x"}, {"-n", "many"}, {"a", "b"}} {
		_, err = parse(1, args...)
		require.ErrorAs(t, err, new(usageError), args)
	}
}

func TestExitCode(t *testing.T) {
	for _, test := range []struct {
		err         error
		interrupted bool
		code        int
		text        string
	}{
		{nil, true, 0, ""},
		{flag.ErrHelp, false, 0, ""},
		{errors.New("no"), false, 1, "tool: no\n"},
		{Usage("-n %d", 0), false, 2, "tool: -n 0\ntool -h lists the flags\n"},
		{context.Canceled, true, 130, "tool: context canceled\n"},
	} {
		var text strings.Builder
		require.Equal(t, test.code, exitCode(&text, "tool", test.err, test.interrupted))
		require.Equal(t, test.text, text.String())
	}
}

func ExampleParse() {
	fs := flag.NewFlagSet("greet", flag.ContinueOnError)
	name := fs.String("name", "you", "who is greeted")
	if err := Parse(fs, os.Stdout, []string{"-name", "Ann"}, 0); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("Hello,", *name)
	fmt.Println(Parse(fs, os.Stdout, []string{"Bob"}, 0))
	// Output:
	// Hello, Ann
	// argument "Bob" is one too many
}
