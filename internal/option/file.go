package option

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A fileValue is the text of an option in the configuration file.
type fileValue struct {
	text string
	line int
}

// readFile returns the options in a configuration file by name: a YAML mapping
// of names to values, or to lists of them.
func readFile(name string) (map[string]fileValue, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("configuration file %s: %w", name, err)
	}
	if len(doc.Content) == 0 { // empty
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: not a mapping of options to values", name, root.Line)
	}
	values := map[string]fileValue{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		text, err := fileText(key.Value, value)
		if _, twice := values[key.Value]; twice && err == nil {
			err = fmt.Errorf("option %q is set twice", key.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, key.Line, err)
		}
		values[key.Value] = fileValue{text, key.Line}
	}
	return values, nil
}

// fileText returns the value of the option called name.
func fileText(name string, value *yaml.Node) (string, error) {
	known := slices.ContainsFunc(table, func(o option) bool { return o.name == name && name != "config" })
	if !known {
		return "", fmt.Errorf("unknown option %q", name)
	}
	switch value.Kind {
	case yaml.ScalarNode:
		return value.Value, nil
	case yaml.SequenceNode:
		var parts []string
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode {
				return "", fmt.Errorf("option %q is a list of something else than values", name)
			}
			parts = append(parts, item.Value)
		}
		return strings.Join(parts, ","), nil
	}
	return "", fmt.Errorf("option %q is not a value", name)
}
