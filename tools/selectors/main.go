// Says what Kubernetes' own parser makes of label selectors: a line of JSON in, a line of JSON out.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"k8s.io/apimachinery/pkg/labels"
)

type question struct {
	Selector string              `json:"selector"`
	Labels   []map[string]string `json:"labels"`
}

type answer struct {
	Valid   bool   `json:"valid"`
	Matches []bool `json:"matches"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		found := answer{Matches: []bool{}}
		if selector, err := labels.Parse(asked.Selector); err == nil {
			found.Valid = true
			for _, set := range asked.Labels {
				found.Matches = append(found.Matches, selector.Matches(labels.Set(set)))
			}
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}
