// Web serves a folder over HTTP, or gets a file, with package net/http and nothing else:
// `web serve ADDRESS FOLDER`, `web get URL FILE`.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	act := map[string]func(where, file string) error{"serve": serve, "get": get}[os.Args[1]]
	if err := act(os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address, folder string) error {
	return http.ListenAndServe(address, http.FileServer(http.Dir(folder)))
}

func get(url, path string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, answer.Body); err != nil {
		return err
	}
	return file.Close()
}
