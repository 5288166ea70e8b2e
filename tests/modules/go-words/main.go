// A WASI command round Go's standard library: text on stdin, its words sorted and counted on stdout, as JSON.
package main

import (
	"bufio"
	"os"
	"sort"
	"strconv"
	"strings"
)

func main() {
	counts := map[string]int{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		for _, word := range strings.Fields(lines.Text()) {
			counts[word]++
		}
	}
	words := make([]string, 0, len(counts))
	for word, count := range counts {
		words = append(words, strconv.Quote(word)+": "+strconv.Itoa(count))
	}
	if len(words) == 0 {
		os.Stderr.WriteString("there are no words\n")
		os.Exit(2)
	}
	sort.Strings(words)

	// Each argument through a goroutine of its own, so that the scheduler has something to do.
	arguments := make(chan string)
	for _, argument := range os.Args {
		go func() { arguments <- strconv.Quote(argument) }()
	}
	os.Stdout.WriteString(`{"args": [` + <-arguments + `], "words": {` + strings.Join(words, ", ") + "}}\n")
}
