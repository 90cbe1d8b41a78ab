package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/statordb/stator/internal/api"
)

// An object is a JSON object, whose numbers are json.Number.
type object = map[string]any

// document makes the tables and items that a file describes. Each thing in it is
// tried, whatever becomes of the others.
func (r *Runner) document(ctx context.Context, path string) error {
	raw, err := read(path)
	if err != nil {
		return err
	}
	return r.carryOut(ctx, filepath.Base(path), raw)
}

// Document makes the tables and items that a file describes, whose name tells its
// kind, as if the file were a hook. Of conf, Do, Region and Log are used.
func Document(ctx context.Context, conf Config, name string, raw []byte) error {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json", ".yaml", ".yml", ".template", ".tfstate":
		return (&Runner{conf: conf}).carryOut(ctx, name, raw)
	}
	return fmt.Errorf("%q is no name of a file with tables: want one that ends in .json, .yaml, .yml, .template or .tfstate", name)
}

func (r *Runner) carryOut(ctx context.Context, name string, raw []byte) error {
	j := &work{Runner: r, ctx: ctx, file: name, region: r.conf.Region}
	ext := strings.ToLower(filepath.Ext(name))
	if ext == ".yaml" || ext == ".yml" || ext == ".template" && !json.Valid(raw) {
		v, err := readYAML(raw)
		if err != nil {
			return err
		}
		return j.template(v)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its JSON")
	}
	if o, ok := v.(object); ok {
		model, modelled := o["DataModel"].([]any)
		_, shown := o["values"].(object)
		switch {
		case o["Resources"] != nil:
			return j.template(v)
		case modelled:
			return j.workbench(model)
		case o["terraform_version"] != nil || shown:
			return j.terraform(o)
		}
	}
	return j.value(v)
}

// A work is one file that is being carried out.
type work struct {
	*Runner
	ctx    context.Context
	file   string
	region string
}

var errKind = errors.New("it is neither a CreateTable request, a DescribeTable output, items as {\"TableName\":…,\"Items\":[…]}, requests as BatchWriteItem takes them, a CloudFormation template, a model of NoSQL Workbench, a state of Terraform, nor a list of these")

// value makes what one JSON value describes.
func (j *work) value(v any) error {
	if list, ok := v.([]any); ok {
		var all error
		for i, v := range list {
			if err := j.value(v); err != nil {
				all = errors.Join(all, fmt.Errorf("number %d: %w", i+1, err))
			}
		}
		return all
	}
	o, ok := v.(object)
	if !ok {
		return errKind
	}
	if described, ok := o["Table"].(object); ok {
		return j.described(described)
	}
	if described, ok := o["TableDescription"].(object); ok {
		return j.described(described)
	}
	items, listed := o["Items"].([]any)
	name, named := o["TableName"].(string)
	switch {
	case named && listed:
		return j.putAll(name, items)
	case named && o["TableStatus"] != nil:
		return j.described(o)
	case named && o["KeySchema"] != nil:
		_, err := j.create(o)
		return err
	}
	if requests, ok := o["RequestItems"].(object); ok {
		o = requests
	}
	return j.batches(o)
}

// create creates a table, and reports false if it is there already.
func (j *work) create(request object) (created bool, err error) {
	_, err = j.do("CreateTable", request)
	name, _ := request["TableName"].(string)
	if is(err, api.ResourceInUseException) {
		j.conf.Log.Info("a table is there and stays as it is", "file", j.file, "table", name, "region", j.region)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("table %s: %w", name, err)
	}
	j.conf.Log.Info("created a table", "file", j.file, "table", name, "region", j.region)
	return true, nil
}

// described creates a table like one that has been described.
func (j *work) described(d object) error {
	request := pick(d, "TableName", "AttributeDefinitions", "KeySchema", "StreamSpecification", "DeletionProtectionEnabled", "OnDemandThroughput")
	billing, _ := d["BillingModeSummary"].(object)
	onDemand := billing["BillingMode"] == "PAY_PER_REQUEST"
	if onDemand {
		request["BillingMode"] = "PAY_PER_REQUEST"
	} else if p, ok := d["ProvisionedThroughput"].(object); ok {
		request["ProvisionedThroughput"] = pick(p, "ReadCapacityUnits", "WriteCapacityUnits")
	}
	for _, kind := range []string{"LocalSecondaryIndexes", "GlobalSecondaryIndexes"} {
		list, _ := d[kind].([]any)
		var indexes []any
		for _, v := range list {
			ix, _ := v.(object)
			index := pick(ix, "IndexName", "KeySchema", "Projection", "OnDemandThroughput")
			if p, ok := ix["ProvisionedThroughput"].(object); ok && !onDemand && kind == "GlobalSecondaryIndexes" {
				index["ProvisionedThroughput"] = pick(p, "ReadCapacityUnits", "WriteCapacityUnits")
			}
			indexes = append(indexes, index)
		}
		if indexes != nil {
			request[kind] = indexes
		}
	}
	if class, ok := d["TableClassSummary"].(object); ok {
		request["TableClass"] = class["TableClass"]
	}
	if sse, ok := d["SSEDescription"].(object); ok && sse["Status"] == "ENABLED" {
		request["SSESpecification"] = object{"Enabled": true, "SSEType": "KMS"}
	}
	created, err := j.create(request)
	if err != nil || !created {
		return err
	}
	replicas, _ := d["Replicas"].([]any)
	name, _ := d["TableName"].(string)
	for _, v := range replicas {
		replica, _ := v.(object)
		region, _ := replica["RegionName"].(string)
		if err := j.replicate(name, region, nil); err != nil {
			return err
		}
	}
	return nil
}

// replicate adds a replica to a table.
func (j *work) replicate(name, region string, more object) error {
	if err := j.wait(name); err != nil {
		return err
	}
	create := object{"RegionName": region}
	for k, v := range more {
		create[k] = v
	}
	_, err := j.do("UpdateTable", object{"TableName": name, "ReplicaUpdates": []any{object{"Create": create}}})
	if err != nil {
		return fmt.Errorf("table %s, replica in %s: %w", name, region, err)
	}
	return nil
}

// wait waits until a table is active, if tables take their time.
func (j *work) wait(name string) error {
	const pause = 50 * time.Millisecond
	for {
		out, err := j.do("DescribeTable", object{"TableName": name})
		if err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		table, _ := out["Table"].(object)
		replicas, _ := table["Replicas"].([]any)
		busy := table["TableStatus"] != "ACTIVE"
		for _, v := range replicas {
			replica, _ := v.(object)
			busy = busy || replica["ReplicaStatus"] != "ACTIVE"
		}
		if !busy {
			return nil
		}
		select {
		case <-j.ctx.Done():
			return j.ctx.Err()
		case <-time.After(pause):
		}
	}
}

func pick(from object, names ...string) object {
	to := object{}
	for _, name := range names {
		if v := from[name]; v != nil {
			to[name] = v
		}
	}
	return to
}

func (j *work) putAll(table string, items []any) error {
	requests := make([]any, len(items))
	for i, item := range items {
		requests[i] = object{"PutRequest": object{"Item": item}}
	}
	return j.batches(object{table: requests})
}

// batches carries out the requests of tables, as BatchWriteItem has them, however
// many they are.
func (j *work) batches(tables object) error {
	if len(tables) == 0 {
		return errKind
	}
	for _, v := range tables {
		list, ok := v.([]any)
		for _, v := range list {
			request, is := v.(object)
			ok = ok && is && (request["PutRequest"] != nil || request["DeleteRequest"] != nil)
		}
		if !ok {
			return errKind
		}
	}
	const most = 25
	var all error
	for table, v := range tables {
		requests, _ := v.([]any)
		n := 0
		for len(requests) > 0 && all == nil {
			batch := requests[:min(most, len(requests))]
			requests = requests[len(batch):]
			if err := j.batch(table, batch); err != nil {
				all = errors.Join(all, fmt.Errorf("items of table %s: %w", table, err))
				break
			}
			n += len(batch)
		}
		j.conf.Log.Info("wrote items", "file", j.file, "table", table, "region", j.region, "items", n)
	}
	return all
}

// batch writes what fits into one request, and what is left of it again.
func (j *work) batch(table string, requests []any) error {
	left := any(requests)
	for left != nil {
		out, err := j.do("BatchWriteItem", object{"RequestItems": object{table: left}})
		if err != nil {
			return err
		}
		unprocessed, _ := out["UnprocessedItems"].(object)
		left = unprocessed[table]
	}
	return nil
}

// tries is how often a request is made that is throttled. No time passes between
// two, since here it is chance or a rule that throttles.
const tries = 20

// do carries out an operation.
func (j *work) do(operation string, request object) (object, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	var out []byte
	for range tries {
		out, err = j.conf.Do(j.ctx, j.region, operation, body)
		if !is(err, api.ProvisionedThroughputExceededException) && !is(err, api.ThrottlingException) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	answer := object{}
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	return answer, dec.Decode(&answer)
}

// is reports whether an operation failed with an exception.
func is(err error, exception api.ErrorType) bool {
	e, ok := errors.AsType[*api.Error](err)
	return ok && e.Type == exception
}
