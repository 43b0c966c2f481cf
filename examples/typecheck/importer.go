// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"go/types"
	"slices"
)

// An importer gives the type checker the packages that a check node was handed. It
// needs no lock: a finished package is never written again.
type importer struct {
	session  *session
	pkg      *pkg             // the package that is being checked
	imported []*types.Package // those that it imports, in the order of pkg.Imports
}

// Import returns the package that a file of i.pkg means by path.
func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if to, ok := i.pkg.Renamed[path]; ok {
		path = to
	}
	at, ok := i.session.index[path]
	if !ok {
		return nil, errors.New("go list does not name it")
	}
	if why := i.session.in.Packages[at].Missing; why != "" {
		return nil, errors.New(why)
	}
	k := slices.Index(i.pkg.Imports, at)
	if k < 0 || k >= len(i.imported) || i.imported[k] == nil {
		return nil, fmt.Errorf("%s was not checked before %s", path, i.pkg.Path)
	}
	return i.imported[k], nil
}
