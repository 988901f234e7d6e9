package main

import (
	"archive/zip"
	"bytes"
	"io"
	"log"
	"os"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

type zipped struct {
	Path, Version string
	Data          []byte
}

type unzipped struct {
	Invalid string // the reason; "" for what the go command takes
	Files   map[string][]byte
	Hash    string
}

// unzip does with a zip what the go command does with one that it has downloaded.
func unzip(z zipped) (read unzipped) {
	refuse := func(err error) unzipped { return unzipped{Invalid: err.Error()} }
	file, err := os.CreateTemp("", "gojson-*.zip")
	if err != nil {
		log.Fatal(err)
	}
	defer os.Remove(file.Name())
	if _, err = file.Write(z.Data); err == nil {
		err = file.Close()
	}
	if err != nil {
		log.Fatal(err)
	}
	version := module.Version{Path: z.Path, Version: z.Version}
	checked, err := modzip.CheckZip(version, file.Name())
	if err != nil {
		return refuse(err)
	}
	if err = checked.Err(); err != nil {
		return refuse(err)
	}
	if read.Hash, err = dirhash.HashZip(file.Name(), dirhash.Hash1); err != nil {
		return refuse(err)
	}
	reader, err := zip.NewReader(bytes.NewReader(z.Data), int64(len(z.Data)))
	if err != nil {
		return refuse(err)
	}
	read.Files = map[string][]byte{}
	for _, f := range reader.File {
		open, err := f.Open()
		if err != nil {
			return refuse(err)
		}
		if read.Files[f.Name], err = io.ReadAll(open); err != nil {
			return refuse(err)
		}
	}
	return read
}
