package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

const indexName = "by-customer"

// A dataset is the table that the workloads of one target run on.
type dataset struct {
	table      string
	partitions int
	stream     bool     // the table has one
	replicas   []string // regions of its replicas
}

func (d dataset) template(text string) *template {
	return newTemplate(strings.ReplaceAll(text, "<table>", d.table))
}

// create makes the table, waits until it is active and fills it.
func (d dataset) create(ctx context.Context, c *client, progress func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if _, err := c.do(ctx, "CreateTable", d.createRequest()); err != nil {
		return fmt.Errorf("create table: %w", err)
	}
	if err := d.await(ctx, c); err != nil {
		return fmt.Errorf("create table: %w", err)
	}
	if err := d.replicate(ctx, c, "Create"); err != nil {
		return err
	}
	return d.load(ctx, c, progress)
}

func (d dataset) createRequest() []byte {
	stream := ""
	if d.stream {
		stream = `"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},`
	}
	return []byte(strings.ReplaceAll(`{"TableName":"<table>","BillingMode":"PAY_PER_REQUEST",`+stream+
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},`+
		`{"AttributeName":"customer","AttributeType":"S"},{"AttributeName":"placedAt","AttributeType":"S"}],`+
		`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],`+
		`"GlobalSecondaryIndexes":[{"IndexName":"`+indexName+`","Projection":{"ProjectionType":"ALL"},"KeySchema":[`+
		`{"AttributeName":"customer","KeyType":"HASH"},{"AttributeName":"placedAt","KeyType":"RANGE"}]}]}`, "<table>", d.table))
}

// await returns when the table and its index are active.
func (d dataset) await(ctx context.Context, c *client) error {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		body, err := c.do(ctx, "DescribeTable", []byte(`{"TableName":"`+d.table+`"}`))
		if err != nil {
			return err
		}
		var description struct {
			Table struct {
				TableStatus            string
				GlobalSecondaryIndexes []struct{ IndexStatus string }
				Replicas               []struct{ ReplicaStatus string }
			}
		}
		if err := json.Unmarshal(body, &description); err != nil {
			return err
		}
		t := description.Table
		if len(t.GlobalSecondaryIndexes) != 1 {
			return errors.New("the table has no index")
		}
		settled := t.TableStatus == "ACTIVE" && t.GlobalSecondaryIndexes[0].IndexStatus == "ACTIVE"
		for _, r := range t.Replicas {
			settled = settled && r.ReplicaStatus == "ACTIVE"
		}
		if settled {
			return nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// load writes every item once.
func (d dataset) load(ctx context.Context, c *client, progress func(string)) error {
	batch := d.template(`{"RequestItems":{"<table>":[` + repeated(batchWriteSize, func(n int) string {
		return `{"PutRequest":{"Item":` + itemFor(n) + `}}`
	}) + `]}}`)
	body := append([]byte(nil), batch.text...)
	random := rand.New(rand.NewPCG(1, 1))
	keys := make([]key, 0, batchWriteSize)
	for partition := range d.partitions {
		progress(fmt.Sprintf("load %d of %d items", partition*partitionSize, d.partitions*partitionSize))
		for place := range partitionSize {
			if keys = append(keys, key{partition, place}); len(keys) < batchWriteSize {
				continue
			}
			batch.fill(body, keys, d.partitions, random)
			keys = keys[:0]
			response, err := c.do(ctx, "BatchWriteItem", body)
			if err != nil {
				return fmt.Errorf("load items: %w", err)
			}
			a, err := parseAnswer(response)
			if err == nil {
				err = a.isAllWritten()
			}
			if err != nil {
				return fmt.Errorf("load items: %w", err)
			}
		}
	}
	return nil
}

// replicate creates or deletes the replicas, one after another as AWS has it.
func (d dataset) replicate(ctx context.Context, c *client, action string) error {
	for _, region := range d.replicas {
		body := fmt.Sprintf(`{"TableName":"%s","ReplicaUpdates":[{"%s":{"RegionName":"%s"}}]}`, d.table, action, region)
		if _, err := c.do(ctx, "UpdateTable", []byte(body)); err != nil {
			return fmt.Errorf("%s replica in %s: %w", strings.ToLower(action), region, err)
		}
		if err := d.await(ctx, c); err != nil {
			return fmt.Errorf("%s replica in %s: %w", strings.ToLower(action), region, err)
		}
	}
	return nil
}

func (d dataset) drop(ctx context.Context, c *client) error {
	if err := d.replicate(ctx, c, "Delete"); err != nil {
		return err
	}
	if _, err := c.do(ctx, "DeleteTable", []byte(`{"TableName":"`+d.table+`"}`)); err != nil {
		return fmt.Errorf("delete table: %w", err)
	}
	return nil
}
