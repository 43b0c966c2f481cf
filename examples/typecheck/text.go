// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"sync"
)

// texts holds buffers for the files that are being parsed. The parser is done
// with a text when it returns, so a handful of buffers serves every file.
var texts = sync.Pool{New: func() any { return &text{make([]byte, 0, 64<<10)} }}

// A text is a file's content in a borrowed buffer.
type text struct{ buf []byte }

// borrowText reads a file. The caller gives the text back.
func borrowText(name string) (*text, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := texts.Get().(*text)
	t.buf = t.buf[:0]
	for {
		if len(t.buf) == cap(t.buf) {
			t.buf = append(t.buf, 0)[:len(t.buf)]
		}
		n, err := f.Read(t.buf[len(t.buf):cap(t.buf)])
		t.buf = t.buf[:len(t.buf)+n]
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			t.giveBack()
			return nil, err
		}
	}
}

func (t *text) bytes() []byte { return t.buf }

// giveBack ends the loan: bytes must not be used after it.
func (t *text) giveBack() { texts.Put(t) }
