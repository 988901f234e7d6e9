// Command gotlog answers, for chartconfig's tests, what Go's own transparency log packages do: it
// reads one request as JSON from standard input and writes one reply as JSON to standard output.
package main

import (
	"encoding/json"
	"log"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type request struct {
	Notes   []signed // to open
	Lookups [][]byte // to parse
	Heads   [][]byte // to parse
	Paths   []string // of tiles, to parse and format
	Growths [][2]int64
	Records [][]byte // of a tree; all of its sizes are worked out
}

type signed struct {
	Data []byte
	Keys []string
}

type reply struct {
	Notes   []opened
	Lookups []lookup
	Heads   []head
	Paths   []string   // as formatted again; "" for one that is none
	Growths [][]string // paths of the new tiles
	Sizes   []size     // from 1
}

type opened struct {
	Error string
	Text  []byte
	Names []string // of verified signatures
}

type lookup struct {
	Error        string
	Index        int64
	Record, Rest []byte
}

type head struct {
	Error string
	Size  int64
	Root  []byte
}

type size struct {
	Root        []byte
	Inclusion   [][][]byte // of each record
	Consistency [][][]byte // from each size, from 1
}

func main() {
	var req request
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		log.Fatal(err)
	}
	var rep reply
	for _, each := range req.Notes {
		rep.Notes = append(rep.Notes, open(each))
	}
	for _, data := range req.Lookups {
		index, record, rest, err := tlog.ParseRecord(data)
		rep.Lookups = append(rep.Lookups, lookup{message(err), index, record, rest})
	}
	for _, data := range req.Heads {
		tree, err := tlog.ParseTree(data)
		rep.Heads = append(rep.Heads, head{message(err), tree.N, tree.Hash[:]})
	}
	for _, path := range req.Paths {
		tile, err := tlog.ParseTilePath(path)
		if err != nil {
			rep.Paths = append(rep.Paths, "")
		} else {
			rep.Paths = append(rep.Paths, tile.Path())
		}
	}
	for _, sizes := range req.Growths {
		paths := []string{}
		for _, tile := range tlog.NewTiles(8, sizes[0], sizes[1]) {
			paths = append(paths, tile.Path())
		}
		rep.Growths = append(rep.Growths, paths)
	}
	rep.Sizes = tree(req.Records)
	if err := json.NewEncoder(os.Stdout).Encode(rep); err != nil {
		log.Fatal(err)
	}
}

func message(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

func open(each signed) opened {
	var verifiers []note.Verifier
	for _, key := range each.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return opened{Error: err.Error()}
		}
		verifiers = append(verifiers, verifier)
	}
	n, err := note.Open(each.Data, note.VerifierList(verifiers...))
	if err != nil {
		return opened{Error: err.Error()}
	}
	answer := opened{Text: []byte(n.Text)}
	for _, signature := range n.Sigs {
		answer.Names = append(answer.Names, signature.Name)
	}
	return answer
}

func tree(records [][]byte) []size {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	var sizes []size
	for at, record := range records {
		hashes, err := tlog.StoredHashes(int64(at), record, reader)
		check(err)
		stored = append(stored, hashes...)
		n := int64(at) + 1
		root, err := tlog.TreeHash(n, reader)
		check(err)
		answer := size{Root: root[:]}
		for index := range n {
			proof, err := tlog.ProveRecord(n, index, reader)
			check(err)
			answer.Inclusion = append(answer.Inclusion, list(proof))
			consistency, err := tlog.ProveTree(n, index+1, reader)
			check(err)
			answer.Consistency = append(answer.Consistency, list(consistency))
		}
		sizes = append(sizes, answer)
	}
	return sizes
}

func list(hashes []tlog.Hash) [][]byte {
	all := [][]byte{}
	for _, hash := range hashes {
		all = append(all, hash[:])
	}
	return all
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
