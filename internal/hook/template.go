package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML returns what a template in YAML has, as if it were in JSON.
func readYAML(raw []byte) (any, error) {
	var node yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&node); err != nil {
		return nil, fmt.Errorf("it is no YAML: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("a template is one document")
	}
	return plain(&node, 0)
}

// template creates the tables of a CloudFormation template. What it does not
// understand of a table it says, and creates the table without it.
func (j *work) template(v any) error {
	t, ok := v.(object)
	resources, is := t["Resources"].(object)
	if !ok || !is {
		return errors.New("it has no Resources, and so is no CloudFormation template")
	}
	s := &stack{work: j, template: t, resources: resources, parameters: object{}, created: map[string]bool{}}
	if err := s.readParameters(); err != nil {
		return err
	}
	var all error
	var replicas []string
	carry := func(id string) {
		resource, _ := resources[id].(object)
		if err := s.resource(id, resource); err != nil {
			all = errors.Join(all, fmt.Errorf("resource %s: %w", id, err))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		if r, _ := resources[id].(object); r["Type"] == customReplica {
			replicas = append(replicas, id) // of a table that may come later
			continue
		}
		carry(id)
	}
	for _, id := range replicas {
		carry(id)
	}
	return all
}

// short are the tags of functions in YAML whose long form does not begin with
// "Fn::".
var short = map[string]string{"!Ref": "Ref", "!Condition": "Condition"}

// plain returns what YAML has as what JSON has, functions in their long form.
func plain(n *yaml.Node, depth int) (any, error) {
	const deepest = 100 // aliases of aliases come to an end, too
	if depth > deepest {
		return nil, errors.New("it is too deep")
	}
	var v any
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0], depth+1)
	case yaml.AliasNode:
		return nil, errors.New("aliases are not understood")
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			member, err := plain(c, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, member)
		}
		v = list
	case yaml.MappingNode:
		o := object{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			member, err := plain(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			o[n.Content[i].Value] = member
		}
		v = o
	default:
		v = scalar(n)
	}
	if !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return v, nil
	}
	name, ok := short[n.Tag]
	if !ok {
		name = "Fn::" + n.Tag[1:]
	}
	if text, is := v.(string); is && name == "Fn::GetAtt" {
		id, attribute, _ := strings.Cut(text, ".")
		v = []any{id, attribute}
	}
	return object{name: v}, nil
}

func scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true") || strings.EqualFold(n.Value, "yes") || strings.EqualFold(n.Value, "on")
	case "!!int", "!!float":
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil && json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}

// A stack is a template that is being carried out.
type stack struct {
	*work
	template   object
	resources  object
	parameters object
	created    map[string]bool // tables that were not there before, by name
	steps      int             // that were taken to resolve the functions of a resource
}

// readParameters gives the parameters their defaults: nobody can give others.
func (s *stack) readParameters() error {
	declared, _ := s.template["Parameters"].(object)
	for name, v := range declared {
		p, _ := v.(object)
		value, ok := p["Default"]
		if !ok {
			s.conf.Log.Warn("a parameter has no default, and is empty", "file", s.file, "parameter", name)
			value = ""
		}
		if text, is := value.(string); is && (p["Type"] == "CommaDelimitedList" || strings.HasPrefix(fmt.Sprint(p["Type"]), "List<")) {
			list := []any{}
			for part := range strings.SplitSeq(text, ",") {
				list = append(list, strings.TrimSpace(part))
			}
			value = list
		}
		s.parameters[name] = value
	}
	return nil
}

func (s *stack) resource(id string, r object) error {
	s.steps = 0
	kind, _ := r["Type"].(string)
	if condition, ok := r["Condition"].(string); ok {
		if holds, err := s.condition(condition, 0); err != nil || !holds {
			return err
		}
	}
	if kind == customReplica {
		return s.replica(r)
	}
	if kind != "AWS::DynamoDB::Table" && kind != "AWS::DynamoDB::GlobalTable" && kind != simpleTable {
		s.conf.Log.Info("a resource is passed over: only tables are created here", "file", s.file, "resource", id, "type", kind)
		return nil
	}
	v, err := s.resolve(r["Properties"], 0)
	if err != nil {
		return err
	}
	properties, ok := v.(object)
	if !ok && kind == simpleTable {
		properties, ok = object{}, true
	}
	if !ok {
		return errors.New("it has no Properties")
	}
	if kind == simpleTable {
		kind, properties = "AWS::DynamoDB::Table", expanded(properties)
	}
	if name := properties["TableName"]; name == nil || name == "" {
		properties["TableName"] = id
	}
	if kind == "AWS::DynamoDB::Table" {
		return s.table(id, properties)
	}
	return s.global(id, properties)
}

// customReplica is what AWS CDK makes of each replica of a Table of its own; what it
// needs beside are functions that have it made.
const customReplica = "Custom::DynamoDBReplica"

// replica adds a replica to a table that the template has made.
func (s *stack) replica(r object) error {
	properties, _ := r["Properties"].(object)
	v, err := s.resolve(pick(properties, "TableName", "Region"), 0)
	if err != nil {
		return err
	}
	of, _ := v.(object)
	name, _ := of["TableName"].(string)
	region, _ := of["Region"].(string)
	if !s.created[name] {
		return nil
	}
	return s.replicate(name, region, nil)
}

// simpleTable is a table of SAM's.
const simpleTable = "AWS::Serverless::SimpleTable"

// expanded returns the properties of the table that SAM makes of a simple one.
func expanded(properties object) object {
	t := take(properties)
	key := t.object("PrimaryKey")
	name, kind := key["Name"], map[any]string{"Number": "N", "Binary": "B"}[key["Type"]]
	if name == nil {
		name = "id"
	}
	if kind == "" {
		kind = "S"
	}
	out := t.left // what is the same, and what is not understood
	out["AttributeDefinitions"] = []any{object{"AttributeName": name, "AttributeType": kind}}
	out["KeySchema"] = []any{object{"AttributeName": name, "KeyType": "HASH"}}
	if out["ProvisionedThroughput"] == nil {
		out["BillingMode"] = "PAY_PER_REQUEST"
	}
	if tags, ok := out["Tags"].(object); ok {
		var list []any
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			list = append(list, object{"Key": key, "Value": tags[key]})
		}
		out["Tags"] = list
	}
	return out
}

// nameOf returns the name of a table: what its template says, or what it is
// called there.
func (s *stack) nameOf(id string, depth int) (any, error) {
	r, _ := s.resources[id].(object)
	properties, _ := r["Properties"].(object)
	v, err := s.resolve(properties["TableName"], depth+1)
	if name, ok := v.(string); err == nil && (!ok || name == "") {
		v = id
	}
	return v, err
}

// gone stands for AWS::NoValue: what is that is not there.
type gone struct{}

// deepest is how deep functions may be in each other, and resources may refer to
// resources, and mostSteps how much there may be to do for them in one: what
// refers to something twice, and that again, and so on, has no end otherwise.
const (
	deepest   = 50
	mostSteps = 1_000_000
)

// resolve returns v with the values of functions in their place.
func (s *stack) resolve(v any, depth int) (any, error) {
	if s.steps++; depth > deepest || s.steps > mostSteps {
		return nil, errors.New("it refers to itself, or is too deep")
	}
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, member := range v {
			value, err := s.resolve(member, depth+1)
			if err != nil {
				return nil, err
			}
			if value != any(gone{}) {
				list = append(list, value)
			}
		}
		return list, nil
	case object:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return s.function(name, argument, depth+1)
				}
			}
		}
		o := object{}
		for name, member := range v {
			value, err := s.resolve(member, depth+1)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if value != any(gone{}) {
				o[name] = value
			}
		}
		return o, nil
	}
	return v, nil
}

func (s *stack) function(name string, argument any, depth int) (any, error) {
	if name == "Fn::If" {
		return s.choose(argument, depth)
	}
	if name == "Fn::Sub" {
		return s.substitute(argument, depth)
	}
	v, err := s.resolve(argument, depth)
	if err != nil {
		return nil, err
	}
	list, _ := v.([]any)
	switch {
	case name == "Ref":
		return s.ref(fmt.Sprint(v), depth)
	case name == "Fn::GetAtt" && len(list) == 2:
		return s.attribute(fmt.Sprint(list[0]), fmt.Sprint(list[1]), depth)
	case name == "Fn::Join" && len(list) == 2:
		parts, _ := list[1].([]any)
		var texts []string
		for _, p := range parts {
			texts = append(texts, fmt.Sprint(p))
		}
		return strings.Join(texts, fmt.Sprint(list[0])), nil
	case name == "Fn::Split" && len(list) == 2:
		var parts []any
		for part := range strings.SplitSeq(fmt.Sprint(list[1]), fmt.Sprint(list[0])) {
			parts = append(parts, part)
		}
		return parts, nil
	case name == "Fn::Select" && len(list) == 2:
		of, _ := list[1].([]any)
		n, err := strconv.Atoi(fmt.Sprint(list[0]))
		if err == nil && n >= 0 && n < len(of) {
			return of[n], nil
		}
	case name == "Fn::FindInMap" && len(list) >= 3:
		all, _ := s.template["Mappings"].(object)
		one, _ := all[fmt.Sprint(list[0])].(object)
		row, _ := one[fmt.Sprint(list[1])].(object)
		if value, ok := row[fmt.Sprint(list[2])]; ok {
			return value, nil
		}
	}
	return nil, fmt.Errorf("%s is not understood", name)
}

// pseudo are the parameters that every template has.
func (s *stack) pseudo(name string) (any, bool) {
	switch name {
	case "AWS::Region":
		return s.conf.Region, true
	case "AWS::AccountId":
		return s.conf.Account, true
	case "AWS::Partition":
		return "aws", true
	case "AWS::URLSuffix":
		return "amazonaws.com", true
	case "AWS::StackName":
		name, _, _ := strings.Cut(s.file, ".")
		return name, true
	case "AWS::NoValue":
		return gone{}, true
	}
	return nil, false
}

func (s *stack) ref(name string, depth int) (any, error) {
	if v, ok := s.pseudo(name); ok {
		return v, nil
	}
	if v, ok := s.parameters[name]; ok {
		return v, nil
	}
	if r, ok := s.resources[name].(object); ok {
		if strings.HasPrefix(fmt.Sprint(r["Type"]), "AWS::DynamoDB::") {
			return s.nameOf(name, depth)
		}
		return name, nil // what it would be called is not known, and of no use here
	}
	return nil, fmt.Errorf("there is no %q", name)
}

func (s *stack) attribute(id, name string, depth int) (any, error) {
	r, _ := s.resources[id].(object)
	kind := fmt.Sprint(r["Type"])
	if name == "Arn" && strings.HasPrefix(kind, "AWS::DynamoDB::") {
		of, err := s.nameOf(id, depth)
		return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", s.conf.Region, s.conf.Account, of), err
	}
	if name == "Arn" && kind == "AWS::KMS::Key" {
		return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", s.conf.Region, s.conf.Account, id), nil
	}
	return nil, fmt.Errorf("%s of %s is not known here", name, id)
}

// substitute puts values into a text: ${Name}, ${Resource.Attribute}, or one of
// its own.
func (s *stack) substitute(argument any, depth int) (any, error) {
	own := object{}
	text, ok := argument.(string)
	if list, is := argument.([]any); is && len(list) == 2 {
		text, ok = list[0].(string)
		v, err := s.resolve(list[1], depth)
		if err != nil {
			return nil, err
		}
		own, _ = v.(object)
	}
	if !ok {
		return nil, errors.New("Fn::Sub is not understood")
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, after, found := strings.Cut(rest, "}")
		if !found {
			return nil, errors.New("Fn::Sub: a ${ does not end")
		}
		text = after
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			out.WriteString("${" + literal + "}")
			continue
		}
		v, ok := own[name]
		if !ok {
			var err error
			if id, attribute, is := strings.Cut(name, "."); is {
				v, err = s.attribute(id, attribute, depth+1)
			} else {
				v, err = s.ref(name, depth+1)
			}
			if err != nil {
				return nil, err
			}
		}
		out.WriteString(fmt.Sprint(v))
	}
}

func (s *stack) choose(argument any, depth int) (any, error) {
	list, _ := argument.([]any)
	if len(list) != 3 {
		return nil, errors.New("Fn::If is not understood")
	}
	holds, err := s.condition(fmt.Sprint(list[0]), depth)
	if err != nil {
		return nil, err
	}
	if holds {
		return s.resolve(list[1], depth)
	}
	return s.resolve(list[2], depth)
}

func (s *stack) condition(name string, depth int) (bool, error) {
	all, _ := s.template["Conditions"].(object)
	c, ok := all[name]
	if !ok {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	return s.holds(c, depth+1)
}

func (s *stack) holds(c any, depth int) (bool, error) {
	o, _ := c.(object)
	if s.steps++; len(o) != 1 || depth > deepest || s.steps > mostSteps {
		return false, errors.New("a condition is not understood")
	}
	for name, argument := range o {
		if name == "Condition" {
			return s.condition(fmt.Sprint(argument), depth)
		}
		list, _ := argument.([]any)
		if name == "Fn::Equals" && len(list) == 2 {
			a, err := s.resolve(list[0], depth)
			if err != nil {
				return false, err
			}
			b, err := s.resolve(list[1], depth)
			return err == nil && fmt.Sprint(a) == fmt.Sprint(b), err
		}
		if name != "Fn::And" && name != "Fn::Or" && (name != "Fn::Not" || len(list) != 1) {
			return false, fmt.Errorf("%s is not understood", name)
		}
		some, every := false, true
		for _, member := range list {
			h, err := s.holds(member, depth+1)
			if err != nil {
				return false, err
			}
			some, every = some || h, every && h
		}
		switch name {
		case "Fn::And":
			return every, nil
		case "Fn::Or":
			return some, nil
		}
		return !every, nil
	}
	return false, nil
}
