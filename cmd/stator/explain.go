package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/statordb/stator/internal/dynamodb"
)

func explainCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [--json] -- AWS-CLI-ARGUMENTS...",
		Short: "Carry out a read of the AWS CLI and tell how that was done",
		Long: "stator explain takes the arguments of the AWS CLI for get-item, batch-get-item,\n" +
			"query, scan, or execute-statement with a SELECT, carries the read out and tells which\n" +
			"index was read and by which condition, how many items were read and returned, what\n" +
			"that takes, and what could be better. Of a read of many pages it is the first one.\n\n" +
			"The server is that of --endpoint-url or $AWS_ENDPOINT_URL, otherwise the one that\n" +
			"serve would be; region and access key are those of --region and the environment.",
		Example: "  stator explain -- query --table-name orders --index-name by-status \\\n" +
			"      --key-condition-expression 'status = :s' --expression-attribute-values '{\":s\":{\"S\":\"OPEN\"}}'\n" +
			"  stator explain -- aws dynamodb execute-statement --statement \"SELECT * FROM orders WHERE status = 'OPEN'\"",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			aws, err := parseAWS(args)
			if err != nil {
				return err
			}
			told, err := aws.explain(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				var b bytes.Buffer
				if err := json.Indent(&b, told.raw, "", "  "); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), b.String())
				return err
			}
			_, err = io.WriteString(cmd.OutOrStdout(), told.String())
			return err
		},
	}
	cmd.Flags().SetInterspersed(false) // so that it also goes without --
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what the server tells, as JSON")
	return cmd
}

// An explained is what a server tells of a read.
type explained struct {
	dynamodb.Explanation
	raw  []byte
	more bool // there are more pages
}

// explain sends the request and returns what the server tells of it.
func (c *awsCommand) explain(ctx context.Context) (*explained, error) {
	body, err := json.Marshal(c.members)
	if err != nil {
		return nil, err
	}
	at := endpoint{cmp.Or(c.endpoint, os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), os.Getenv("AWS_ENDPOINT_URL"))}
	r, err := at.request(ctx, http.MethodPost, "/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	key := cmp.Or(os.Getenv("AWS_ACCESS_KEY_ID"), "test")
	region := cmp.Or(c.region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1")
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+c.operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	// The form of a signature: the server takes account and region from it.
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/"+region+"/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="+strings.Repeat("0", 64))
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	r.Header.Set("X-Srv-Explain", "1")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp.Status, answer)
	}
	return readExplained(resp.Header.Get("X-Srv-Explain"), answer)
}

func readExplained(header string, answer []byte) (*explained, error) {
	if header == "" {
		return nil, errors.New("the server has answered and explains nothing: is it a stator?")
	}
	e := &explained{}
	var err error
	if e.raw, err = base64.StdEncoding.DecodeString(header); err == nil {
		err = json.Unmarshal(e.raw, &e.Explanation)
	}
	if err != nil {
		return nil, fmt.Errorf("the server's explanation: %w", err)
	}
	var next struct{ LastEvaluatedKey, NextToken, UnprocessedKeys json.RawMessage }
	if err := json.Unmarshal(answer, &next); err != nil {
		return nil, fmt.Errorf("the server's answer: %w", err)
	}
	e.more = next.LastEvaluatedKey != nil || next.NextToken != nil || len(next.UnprocessedKeys) > len("{}")
	return e, nil
}

// refusal returns what a server says that refuses a request.
func refusal(status string, answer []byte) error {
	var e struct {
		Type    string `json:"__type"`
		Message string
	}
	_ = json.Unmarshal(answer, &e) // or it is told as it is
	if e.Type == "" {
		return fmt.Errorf("the server answered %s: %.200s", status, answer)
	}
	return fmt.Errorf("%s: %s", e.Type[strings.LastIndex(e.Type, "#")+1:], e.Message)
}

// String returns the explanation for people.
func (e *explained) String() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.Table != "" {
		b.WriteString(" of " + e.Table)
	}
	if e.Index != "" {
		b.WriteString(", index " + e.Index)
	}
	b.WriteString("\n\n")
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-9s %s\n", label, text)
		}
	}
	line("keys", e.KeyCondition)
	line("filter", e.Filter)
	one, many := "item", "items"
	if e.Index != "" {
		one, many = "entry", "entries"
	}
	read := sized(e.Read, one, many) + " in " + number(int64(e.Partitions), "partition", "partitions")
	if e.Fetched > 0 {
		read += ", and besides them " + number(int64(e.Fetched), "item", "items") + " of the table"
	}
	line("read", read)
	if e.Filter != "" {
		line("matched", digits(int64(e.Matched)))
	}
	line("returned", sized(e.Returned, "item", "items"))
	line("capacity", prices(e.Units))
	line("time", fmt.Sprintf("%s µs to plan, %s µs to carry out", digits(e.Planning), digits(e.Execution)))
	if e.more {
		line("more", "This was the first page: there is more to read.")
	}
	for _, a := range e.Advice {
		fmt.Fprintf(&b, "\n  %s\n%s", a.Code, wrapped(a.Text, "    ", 80))
	}
	return b.String()
}

func sized(a dynamodb.Amount, one, many string) string {
	text := number(int64(a.Items), one, many)
	if a.Items > 0 {
		text += " of " + fileSize(int64(a.Bytes))
	}
	return text
}

func prices(p dynamodb.Prices) string {
	units := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	var ways []string
	for _, way := range []struct {
		units float64
		name  string
	}{{p.Eventual, "eventually consistent"}, {p.Strong, "strongly consistent"}, {p.Transactional, "in a transaction"}} {
		if way.units > 0 {
			ways = append(ways, units(way.units)+" "+way.name)
		}
	}
	unit := "units"
	if p.Consumed == 1 {
		unit = "unit"
	}
	return fmt.Sprintf("%s read %s (%s)", units(p.Consumed), unit, strings.Join(ways, ", "))
}

// wrapped returns a text in lines of at most so many characters, each with an
// indent.
func wrapped(text, indent string, most int) string {
	var b strings.Builder
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > most && line != indent {
			b.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	return b.String() + line + "\n"
}
