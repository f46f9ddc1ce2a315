// Verifies a log served as tiles with the tools of golang.org/x/mod/sumdb alone: nothing of ours is called.
//
//	verify URL VKEY [-key KEY] [-old FILE]... [-receipt FILE]...
//
// It opens the checkpoint, reads every tile, hashes every entry, proves each inclusion, and proves that the tree of
// each older checkpoint is a prefix. It prints the size and leaves with 0, or says what is wrong and leaves with 1.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type files []string

func (f *files) String() string     { return strings.Join(*f, " ") }
func (f *files) Set(s string) error { *f = append(*f, s); return nil }

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

type log struct{ url, key string }

func (l log) get(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", l.url+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if l.key != "" {
		request.Header.Set("Authorization", "Bearer "+l.key)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return nil, fmt.Errorf("%s: status %d", path, answer.StatusCode)
	}
	return io.ReadAll(answer.Body)
}

// tlog-tiles has no height in its paths: it is always 8.
func (l log) Height() int { return 8 }

func (l log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		one, err := l.get("tile/" + strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

func (l log) SaveTiles([]tlog.Tile, [][]byte) {}

func (l log) entries(size int64) ([][]byte, error) {
	var found [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: 0, N: n, W: 256}
		if size-n*256 < 256 {
			tile.W = int(size - n*256)
		}
		data, err := l.get("tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/0/"))
		if err != nil {
			return nil, err
		}
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
	}
	return found, nil
}

// head opens a checkpoint: origin, size, root.
func head(text []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		check(fmt.Errorf("not a checkpoint of %s", verifier.Name()), "checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	hash, err := tlog.ParseHash(lines[2])
	check(err, "root")
	return tlog.Tree{N: size, Hash: hash}
}

func receipt(name string, verifier note.Verifier) {
	data, err := os.ReadFile(name)
	check(err, "receipt")
	parts := bytes.SplitN(data, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err, "entry")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err, "index")
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		step, err := tlog.ParseHash(line)
		check(err, "path")
		proof = append(proof, step)
	}
	tree := head(parts[1], verifier)
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)), "receipt")
}

func main() {
	var old, receipts files
	key := flag.String("key", "", "an API key")
	flag.Var(&old, "old", "an older checkpoint")
	flag.Var(&receipts, "receipt", "a receipt")
	flag.Parse()
	l := log{url: flag.Arg(0), key: *key}
	verifier, err := note.NewVerifier(flag.Arg(1))
	check(err, "vkey")
	text, err := l.get("checkpoint")
	check(err, "checkpoint")
	tree := head(text, verifier)
	hashes := tlog.TileHashReader(tree, l)
	entries, err := l.entries(tree.N)
	check(err, "entries")
	if int64(len(entries)) != tree.N {
		check(fmt.Errorf("%d entries for a size of %d", len(entries), tree.N), "entries")
	}
	for index, entry := range entries {
		leaf := tlog.RecordHash(entry)
		stored, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(index))})
		check(err, "tile")
		if stored[0] != leaf {
			check(fmt.Errorf("the leaf of entry %d is not its hash", index), "entry")
		}
		if index%17 == 0 || index == len(entries)-1 {
			proof, err := tlog.ProveRecord(tree.N, int64(index), hashes)
			check(err, "prove")
			check(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), leaf), "inclusion")
		}
	}
	for _, name := range old {
		data, err := os.ReadFile(name)
		check(err, "old")
		before := head(data, verifier)
		proof, err := tlog.ProveTree(tree.N, before.N, hashes)
		check(err, "prove")
		check(tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash), "consistency")
	}
	for _, name := range receipts {
		receipt(name, verifier)
	}
	fmt.Printf("%d entries, %d older checkpoints, %d receipts\n", tree.N, len(old), len(receipts))
}
