// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/bench"
)

// A journal keeps each run as soon as it is measured, so that an interrupted
// comparison goes on where it was. It lies beside the JSON file.
type journal struct {
	path string
	runs map[string][]record // by cell
}

// A record is a line of the journal.
type record struct {
	Cell   string        `json:"cell"`
	Build  string        `json:"build"` // of the program that measured it
	Units  int           `json:"units"` // in a round
	Sample *bench.Sample `json:"sample,omitempty"`
	RSS    int64         `json:"rss_bytes,omitempty"`
	Others float64       `json:"others,omitempty"`
	Stuck  string        `json:"stuck,omitempty"` // instead of a sample
	Took   time.Duration `json:"took_ns"`         // the whole child
}

// beside returns the name of a file that belongs to a JSON file.
func beside(path, suffix string) string { return strings.TrimSuffix(path, ".json") + suffix }

// openJournal reads what was measured before. A last line that an interrupt cut
// off is dropped. Without a path nothing is kept.
func openJournal(path string) (*journal, error) {
	j := &journal{runs: map[string][]record{}}
	if path == "" {
		return j, nil
	}
	j.path = beside(path, ".runs.jsonl")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	if whole < len(text) {
		if err := os.Truncate(j.path, int64(whole)); err != nil {
			return nil, err
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(text[:whole]))
	lines.Buffer(nil, len(text)+1)
	for n := 1; lines.Scan(); n++ {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("table: %s:%d: %w; remove the file to measure anew", j.path, n, err)
		}
		j.runs[r.Cell] = append(j.runs[r.Cell], r)
	}
	return j, lines.Err()
}

// of returns the runs of a cell by the same build and of the same size.
func (j *journal) of(cell, build string, units int) (same []record) {
	for _, r := range j.runs[cell] {
		if r.Build == build && r.Units == units {
			same = append(same, r)
		}
	}
	return same
}

// add keeps a run.
func (j *journal) add(r record) error {
	if j.path == "" {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// builds remembers the build of each program.
type builds map[string]string

// of returns a word that changes when the program does.
func (b builds) of(program string) (string, error) {
	if word, ok := b[program]; ok {
		return word, nil
	}
	text, err := os.ReadFile(program)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	b[program] = hex.EncodeToString(sum[:8])
	return b[program], nil
}
