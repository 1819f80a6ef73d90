package document

import "github.com/goccy/go-yaml/ast"

// Lay lays a mapping over another: what both have is what merge makes of the two values,
// and all else follows in the order of the lower one, then of the upper one.
func Lay(upper, lower ast.Node, merge func(key string, upper, lower ast.Node) ast.Node) ast.Node {
	merged := ast.Mapping(upper.GetToken(), false)
	place := map[string]int{}
	for _, entry := range Entries(lower) {
		if key, ok := KeyText(entry); ok {
			place[key] = len(merged.Values)
		}
		merged.Values = append(merged.Values, entry)
	}
	for _, entry := range Entries(upper) {
		key, _ := KeyText(entry)
		if i, ok := place[key]; ok {
			below := merged.Values[i]
			merged.Values[i] = ast.MappingValue(entry.Start, entry.Key, merge(key, entry.Value, below.Value))
		} else {
			merged.Values = append(merged.Values, entry)
		}
	}
	return merged
}
