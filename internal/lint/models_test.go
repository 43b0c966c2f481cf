// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	// stepName matches "[wake-race] K2".
	stepName = regexp.MustCompile(`\[([a-z]+(?:-[a-z]+)+)\]\s+([A-Z][0-9]+)`)
	// stepsOf matches what stands behind a tag, up to the next: "[wake-race] F1 end, F2 look".
	stepsOf  = regexp.MustCompile(`\[([a-z]+(?:-[a-z]+)+)\]([^\[\n]*)`)
	eachStep = regexp.MustCompile(`\b[A-Z][0-9]+\b`)
)

// checkModels asks that each step that a model names is a step of the code.
func checkModels(tr *tree, models map[string]string) (out []finding) {
	steps := map[string]bool{}
	for _, f := range tr.files {
		if f.test {
			continue
		}
		for _, m := range stepsOf.FindAllStringSubmatch(f.text, -1) {
			for _, s := range eachStep.FindAllString(m[2], -1) {
				steps[m[1]+" "+s] = true
			}
		}
	}
	for name, text := range models {
		named := 0
		for i, line := range strings.Split(text, "\n") {
			for _, m := range stepName.FindAllStringSubmatch(line, -1) {
				named++
				if !steps[m[1]+" "+m[2]] {
					out = append(out, at(name, i+1, "no line of the code is tagged [%s] %s: the model no longer mirrors it", m[1], m[2]))
				}
			}
		}
		if named == 0 {
			out = append(out, at(name, 1, "the model names no step of the code: tag its statements as in [wake-race] K2"))
		}
	}
	return out
}

func TestModelsNameSteps(t *testing.T) {
	models := map[string]string{}
	names, err := filepath.Glob(filepath.Join("..", "..", "docs", "models", "*.pml"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		models[path.Join("docs", "models", filepath.Base(name))] = string(text)
	}
	enforce(t, func(tr *tree) []finding { return checkModels(tr, models) })
}

func TestModelsNameStepsFinds(t *testing.T) {
	models := map[string]string{
		"docs/models/good.pml": "x = 1 /* [wake-race] K1 */\n",
		"docs/models/gone.pml": "x = 1 /* [wake-race] K1 */\ny = 1 /* [wake-race] K7 */\n",
		"docs/models/bare.pml": "x = 1\n",
	}
	expect(t, func(tr *tree) []finding { return checkModels(tr, models) }, map[string]string{
		"workers/park.go":      "package workers\n\nvar x = 1 // [wake-race] K1\n",
		"workers/park_test.go": "package workers\n\nvar y = 1 // [wake-race] K7\n",
	}, "docs/models/gone.pml:2", "docs/models/bare.pml:1")
}
