package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// terraform makes the tables of a state of Terraform, or of what terraform show -json
// says of one, and puts the items that are in it. What a table has beside its keys,
// indexes, billing, stream, time to live, tags, class and replicas is left out.
func (j *work) terraform(state object) error {
	var all error
	resources := resourcesOf(state)
	for _, kind := range []string{"aws_dynamodb_table", "aws_dynamodb_table_item"} {
		for _, r := range resources {
			if r.kind != kind {
				continue
			}
			carry := j.managed
			if kind == "aws_dynamodb_table_item" {
				carry = j.managedItem
			}
			if err := carry(r.values); err != nil {
				all = errors.Join(all, fmt.Errorf("resource %s.%s: %w", r.kind, r.name, err))
			}
		}
	}
	return all
}

type managed struct {
	kind, name string
	values     object
}

// resourcesOf returns the resources of a state, in either form.
func resourcesOf(state object) (list []managed) {
	for _, r := range objects(state["resources"]) {
		kind, _ := r["type"].(string)
		name, _ := r["name"].(string)
		if r["mode"] == "data" {
			continue
		}
		for _, instance := range objects(r["instances"]) {
			if values, ok := instance["attributes"].(object); ok {
				list = append(list, managed{kind, name, values})
			}
		}
		if values, ok := r["values"].(object); ok {
			list = append(list, managed{kind, name, values})
		}
	}
	if values, ok := state["values"].(object); ok {
		root, _ := values["root_module"].(object)
		list = append(list, resourcesOf(root)...)
	}
	for _, module := range objects(state["child_modules"]) {
		list = append(list, resourcesOf(module)...)
	}
	return list
}

func (j *work) managed(v object) error {
	b := &schema{types: map[string]string{}}
	for _, a := range objects(v["attribute"]) {
		name, _ := a["name"].(string)
		b.types[name], _ = a["type"].(string)
	}
	hash, _ := v["hash_key"].(string)
	name, _ := v["name"].(string)
	request := object{"TableName": name, "KeySchema": b.managedKey(v, hash)}
	throughput := func(to, of object) {
		if v["billing_mode"] == "PROVISIONED" {
			to["ProvisionedThroughput"] = object{"ReadCapacityUnits": of["read_capacity"], "WriteCapacityUnits": of["write_capacity"]}
		}
	}
	if v["billing_mode"] == "PAY_PER_REQUEST" {
		request["BillingMode"] = "PAY_PER_REQUEST"
	}
	throughput(request, v)
	for _, kind := range []struct{ from, to string }{{"global_secondary_index", "GlobalSecondaryIndexes"}, {"local_secondary_index", "LocalSecondaryIndexes"}} {
		var indexes []any
		for _, ix := range objects(v[kind.from]) {
			projection := object{"ProjectionType": ix["projection_type"]}
			if names, ok := ix["non_key_attributes"].([]any); ok && len(names) > 0 {
				projection["NonKeyAttributes"] = names
			}
			of := hash
			if kind.from == "global_secondary_index" {
				of, _ = ix["hash_key"].(string)
			}
			index := object{"IndexName": ix["name"], "KeySchema": b.managedKey(ix, of), "Projection": projection}
			if kind.from == "global_secondary_index" {
				throughput(index, ix)
			}
			indexes = append(indexes, index)
		}
		if indexes != nil {
			request[kind.to] = indexes
		}
	}
	definitions, err := b.definitions()
	if err != nil {
		return err
	}
	request["AttributeDefinitions"] = definitions
	if v["stream_enabled"] == true {
		request["StreamSpecification"] = object{"StreamEnabled": true, "StreamViewType": v["stream_view_type"]}
	}
	if class, _ := v["table_class"].(string); class != "" {
		request["TableClass"] = class
	}
	if v["deletion_protection_enabled"] == true {
		request["DeletionProtectionEnabled"] = true
	}
	var tags []any
	given, _ := v["tags"].(object)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		tags = append(tags, object{"Key": key, "Value": given[key]})
	}
	if tags != nil {
		request["Tags"] = tags
	}
	created, err := j.create(request)
	if err != nil || !created {
		return err
	}
	for _, ttl := range objects(v["ttl"]) {
		if err := j.wait(name); err != nil {
			return err
		}
		spec := object{"AttributeName": ttl["attribute_name"], "Enabled": ttl["enabled"]}
		if err := (&stack{work: j}).expire(name, spec); err != nil {
			return err
		}
	}
	for _, r := range objects(v["replica"]) {
		region, _ := r["region_name"].(string)
		if err := j.replicate(name, region, nil); err != nil {
			return err
		}
	}
	return nil
}

// managedKey returns the key of a table or index, whose partition key is hash.
func (b *schema) managedKey(v object, hash string) []any {
	key := []any{b.element(hash, "HASH")}
	if sort, _ := v["range_key"].(string); sort != "" {
		key = append(key, b.element(sort, "RANGE"))
	}
	return key
}

func (j *work) managedItem(v object) error {
	name, _ := v["table_name"].(string)
	text, _ := v["item"].(string)
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var item object
	if err := dec.Decode(&item); err != nil {
		return fmt.Errorf("its item is no JSON: %w", err)
	}
	if err := j.wait(name); err != nil {
		return err
	}
	return j.putAll(name, []any{item})
}
