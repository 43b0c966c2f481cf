// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var (
	//go:embed counted/point.go.txt
	pointText []byte

	//go:embed counted/main.go.txt
	mainText []byte
)

// Workloads are those whose steps are worth a count.
var Workloads = []string{"spawn-inside", "chained-spawn", "yield", "ping-pong", "pending", "submit-1", "run-empty"}

// Count returns the locked instructions for each unit, by workload, on one
// worker. It needs the go command and the source tree that holds the current
// directory.
func Count(ctx context.Context, workloads ...string) (map[string]float64, error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "pilfer-locks")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	program := filepath.Join(root, "bench", "locks", "counting") // exists in the overlay only
	overlay := map[string]map[string]string{"Replace": {
		filepath.Join(root, "internal", "point", "point.go"): filepath.Join(tmp, "point.go"),
		filepath.Join(program, "main.go"):                    filepath.Join(tmp, "main.go"),
	}}
	text, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{"overlay.json": text, "point.go": pointText, "main.go": mainText} {
		if err := os.WriteFile(filepath.Join(tmp, name), content, 0o666); err != nil {
			return nil, err
		}
	}
	args := append([]string{"run", "-buildvcs=false", "-overlay", filepath.Join(tmp, "overlay.json"), "./bench/locks/counting"}, workloads...)
	out, err := goCommand(ctx, root, args...)
	if err != nil {
		return nil, err
	}
	counts := map[string]float64{}
	return counts, json.Unmarshal(out, &counts)
}

func moduleRoot(ctx context.Context) (string, error) {
	out, err := goCommand(ctx, "", "list", "-m", "-f", "{{.Dir}}", "github.com/pilfer-go/pilfer")
	return strings.TrimSpace(string(out)), err
}

func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("locks: go %s: %w: %s", args[0], err, trouble.String())
	}
	return out.Bytes(), nil
}
