package hook

import (
	"errors"
	"fmt"
)

// workbench makes the tables of a model of NoSQL Workbench, and puts their sample
// data.
func (j *work) workbench(model []any) error {
	var all error
	for i, v := range model {
		m, _ := v.(object)
		name, _ := m["TableName"].(string)
		if err := j.modelled(m); err != nil {
			all = errors.Join(all, fmt.Errorf("table %d of the model, %s: %w", i+1, name, err))
		}
	}
	return all
}

func (j *work) modelled(m object) error {
	b := &schema{types: map[string]string{}}
	request := pick(m, "TableName")
	for _, a := range objects(m["NonKeyAttributes"]) {
		b.known(a)
	}
	request["KeySchema"] = b.modelledKey(m["KeyAttributes"])
	provisioned := m["BillingMode"] == "PROVISIONED"
	billing := func(to, of object) {
		settings, _ := of["ProvisionedCapacitySettings"].(object)
		throughput, ok := settings["ProvisionedThroughput"].(object)
		switch {
		case !provisioned:
		case ok:
			to["ProvisionedThroughput"] = pick(throughput, "ReadCapacityUnits", "WriteCapacityUnits")
		default:
			to["ProvisionedThroughput"] = object{"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
		}
	}
	if !provisioned {
		request["BillingMode"] = "PAY_PER_REQUEST"
	}
	billing(request, m)
	for _, kind := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		var indexes []any
		for _, ix := range objects(m[kind]) {
			index := pick(ix, "IndexName", "Projection")
			index["KeySchema"] = b.modelledKey(ix["KeyAttributes"])
			if p, ok := index["Projection"].(object); ok && p["ProjectionType"] != "INCLUDE" {
				index["Projection"] = pick(p, "ProjectionType")
			}
			if kind == "GlobalSecondaryIndexes" {
				billing(index, ix)
			}
			indexes = append(indexes, index)
		}
		if indexes != nil {
			request[kind] = indexes
		}
	}
	definitions, err := b.definitions()
	if err != nil {
		return err
	}
	request["AttributeDefinitions"] = definitions
	created, err := j.create(request)
	items, _ := m["TableData"].([]any)
	if err != nil || !created || len(items) == 0 {
		return err
	}
	name, _ := m["TableName"].(string)
	if err := j.wait(name); err != nil {
		return err
	}
	return j.putAll(name, items)
}

// A schema gathers the attributes that keys are made of.
type schema struct {
	types map[string]string // of attributes, by name
	keys  []string          // the names of those in keys
}

// known notes the type of an attribute, as the model tells it.
func (b *schema) known(a object) {
	name, _ := a["AttributeName"].(string)
	if of, ok := a["AttributeType"].(string); ok {
		b.types[name] = of
	}
}

func (b *schema) modelledKey(v any) []any {
	of, _ := v.(object)
	var key []any
	for _, part := range []struct{ name, kind string }{{"PartitionKey", "HASH"}, {"SortKey", "RANGE"}} {
		if a, ok := of[part.name].(object); ok {
			b.known(a)
			name, _ := a["AttributeName"].(string)
			key = append(key, b.element(name, part.kind))
		}
	}
	return key
}

// element returns an element of a key schema.
func (b *schema) element(name, kind string) any {
	b.keys = append(b.keys, name)
	return object{"AttributeName": name, "KeyType": kind}
}

// definitions returns the definitions of the attributes in keys, each once.
func (b *schema) definitions() ([]any, error) {
	var list []any
	seen := map[string]bool{}
	for _, name := range b.keys {
		if seen[name] {
			continue
		}
		seen[name] = true
		if b.types[name] == "" {
			return nil, fmt.Errorf("the key attribute %q has no type", name)
		}
		list = append(list, object{"AttributeName": name, "AttributeType": b.types[name]})
	}
	return list, nil
}

// objects returns the members of a list that are objects.
func objects(v any) (list []object) {
	all, _ := v.([]any)
	for _, v := range all {
		if o, ok := v.(object); ok {
			list = append(list, o)
		}
	}
	return list
}
