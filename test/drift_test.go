package e2e

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
)

// A model is the service model that the server's types are generated from;
// internal/api/model/README.md describes it.
type model struct {
	Operations map[string]struct{ Input, Output string }
	Shapes     map[string]shape
}

type shape struct {
	Type    string
	Note    string // says why the model differs, where it does
	Of      string
	Enum    []string
	Members []struct{ Name, Type string }
}

// When the SDK learns something new, this test says what the model lacks. The
// model may have more: the SDK does not know what only the service prints.
func TestModelLacksNothingOfTheSDK(t *testing.T) {
	for _, service := range []struct {
		file, pkg string
		client    reflect.Type
		more      []reflect.Type // what no operation leads to
	}{
		{
			"dynamodb.json", "github.com/aws/aws-sdk-go-v2/service/dynamodb/types",
			reflect.TypeFor[*dynamodb.Client](),
			[]reflect.Type{reflect.TypeFor[types.CancellationReason]()},
		},
		{
			"streams.json", "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types",
			reflect.TypeFor[*dynamodbstreams.Client](), nil,
		},
	} {
		t.Run(service.file, func(t *testing.T) {
			d := drift{seen: map[[2]string]bool{}, missing: map[string]bool{}}
			// Streams use shapes of the other model, too.
			read(t, "dynamodb.json", &d.model)
			clear(d.model.Operations)
			read(t, service.file, &d.model)
			operations := d.operations(service.client)
			if operations == 0 {
				t.Fatal("the SDK has no operations: the test does not understand it")
			}
			for _, m := range service.more {
				d.compare(m, m.Name(), m.Name())
			}
			d.exceptions(t, service.pkg)
			for _, what := range slices.Sorted(maps.Keys(d.missing)) {
				t.Errorf("%s lacks %s", service.file, what)
			}
			t.Logf("%d operations, %d types", operations, len(d.seen))
		})
	}
}

func read(t *testing.T, file string, into *model) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "internal", "api", "model", file))
	ok(t, err)
	ok(t, json.Unmarshal(text, into))
}

// drift collects what a model lacks.
type drift struct {
	model   model
	seen    map[[2]string]bool // pairs of a Go type and a shape
	missing map[string]bool
}

func (d *drift) lacks(format string, args ...any) { d.missing[fmt.Sprintf(format, args...)] = true }

// operations compares all operations of a client: its methods that take an
// input and return an output.
func (d *drift) operations(client reflect.Type) int {
	n := 0
	for i := range client.NumMethod() {
		method := client.Method(i)
		f := method.Type
		if f.NumIn() < 3 || f.NumOut() != 2 || f.In(2).Kind() != reflect.Pointer || f.In(2).Elem().Name() != method.Name+"Input" {
			continue
		}
		n++
		operation, there := d.model.Operations[method.Name]
		if !there {
			d.lacks("operation %s", method.Name)
			continue
		}
		d.compare(f.In(2).Elem(), operation.Input, method.Name+" input")
		d.compare(f.Out(0).Elem(), operation.Output, method.Name+" output")
	}
	return n
}

// plainKinds are the types of the model that have no shape, as the SDK has them.
var plainKinds = map[string]reflect.Kind{
	"string": reflect.String, "boolean": reflect.Bool, "integer": reflect.Int32, "long": reflect.Int64, "double": reflect.Float64,
}

// compare looks whether the model's type name has all that the Go type has.
func (d *drift) compare(sdk reflect.Type, name, path string) {
	for sdk.Kind() == reflect.Pointer {
		sdk = sdk.Elem()
	}
	pair := [2]string{sdk.String(), name}
	if d.seen[pair] {
		return
	}
	d.seen[pair] = true
	s, hasShape := d.model.Shapes[name]
	kind := name
	if hasShape {
		kind = s.Type
	}
	differs := func() { d.lacks("%s: the SDK has %s, the model %s", path, sdk, name) }
	switch {
	case sdk.Name() == "AttributeValue":
		if kind != "value" {
			differs()
		}
	case sdk == reflect.TypeFor[time.Time]():
		if kind != "timestamp" {
			differs()
		}
	case sdk == reflect.TypeFor[[]byte]():
		if kind != "blob" {
			differs()
		}
	case sdk.Kind() == reflect.Struct:
		if kind != "structure" && kind != "error" {
			differs()
			return
		}
		d.members(sdk, s, path)
	case sdk.Kind() == reflect.Slice:
		switch kind {
		case "list":
			d.compare(sdk.Elem(), s.Of, path+"[]")
		case "items":
			d.compare(sdk.Elem(), "item", path+"[]")
		default:
			differs()
		}
	case sdk.Kind() == reflect.Map:
		switch kind {
		case "map":
			d.compare(sdk.Elem(), s.Of, path+"{}")
		case "item":
			d.compare(sdk.Elem(), "value", path+"{}")
		default:
			differs()
		}
	default:
		if plainKinds[kind] != sdk.Kind() {
			if s.Note == "" {
				differs()
			}
			return
		}
		for _, value := range enumValues(sdk) {
			if !slices.Contains(s.Enum, value) {
				d.lacks("%s of enum %s", value, name)
			}
		}
	}
}

func (d *drift) members(sdk reflect.Type, s shape, path string) {
	for field := range sdk.Fields() {
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		at := path + "." + field.Name
		if member, there := s.member(field.Name); there {
			d.compare(field.Type, member, at)
		} else {
			d.lacks("%s", at)
		}
	}
}

// member returns the type of a member. The SDK spells the few that begin with
// a small letter with a capital one.
func (s shape) member(name string) (string, bool) {
	for _, m := range s.Members {
		if strings.EqualFold(m.Name, name) {
			return m.Type, true
		}
	}
	return "", false
}

// enumValues returns what the SDK's type knows, in the way its enumerations
// tell: a method Values.
func enumValues(sdk reflect.Type) []string {
	method, there := sdk.MethodByName("Values")
	if !there {
		return nil
	}
	var all []string
	for _, v := range method.Func.Call([]reflect.Value{reflect.Zero(sdk)})[0].Seq2() {
		all = append(all, v.String())
	}
	return all
}

// exceptions compares the exceptions of the SDK's package of types. Nothing
// leads to them but the source.
func (d *drift) exceptions(t *testing.T, pkg string) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", pkg).Output()
	ok(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "errors.go"), nil, parser.SkipObjectResolution)
	ok(t, err)
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, is := node.(*ast.TypeSpec)
		if !is {
			return true
		}
		structure, is := spec.Type.(*ast.StructType)
		if !is {
			return false
		}
		n++
		s, there := d.model.Shapes[spec.Name.Name]
		if !there || s.Type != "error" {
			d.lacks("exception %s", spec.Name.Name)
			return false
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				if _, there := s.member(name.Name); !there && name.IsExported() && name.Name != "ErrorCodeOverride" {
					d.lacks("%s.%s", spec.Name.Name, name.Name)
				}
			}
		}
		return false
	})
	if n == 0 {
		t.Fatal("the SDK has no exceptions: the test does not understand it")
	}
}
