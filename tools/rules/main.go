// Says what the API server of Kubernetes makes of custom resources: it reads
// {"schemas": {name: openAPIV3Schema}, "cases": [{"name", "schema", "object"}]} and writes, by the name of a case,
// the errors of the schema and those of the rules in CEL. The order of the steps is that of a create request in
// k8s.io/apiextensions-apiserver (pkg/apiserver/customresource_handler.go, pkg/registry/customresource/strategy.go).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

type testCase struct {
	Name   string          `json:"name"`
	Schema string          `json:"schema"`
	Object json.RawMessage `json:"object"`
}

type input struct {
	Schemas map[string]*v1.JSONSchemaProps `json:"schemas"`
	Cases   []testCase                     `json:"cases"`
}

type told struct {
	Field   string `json:"field"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

type verdict struct {
	Schema []told `json:"schema"`
	Rules  []told `json:"rules"`
}

type kind struct {
	structural *structural.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

func main() {
	var given input
	must(json.NewDecoder(os.Stdin).Decode(&given))
	kinds := map[string]*kind{}
	for name, schema := range given.Schemas {
		kinds[name] = compiled(name, schema)
	}
	verdicts := map[string]verdict{}
	for _, one := range given.Cases {
		verdicts[one.Name] = judged(kinds[one.Schema], one.Object)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	must(encoder.Encode(verdicts))
}

func compiled(name string, schema *v1.JSONSchemaProps) *kind {
	internal := &apiextensions.JSONSchemaProps{}
	must(v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(schema, internal, nil))
	shape, err := structural.NewStructural(internal)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	validator, _, err := validation.NewSchemaValidator(internal)
	must(err)
	return &kind{shape, validator, cel.NewValidator(shape, true, celconfig.PerCallLimit)}
}

func judged(of *kind, object json.RawMessage) verdict {
	var value map[string]interface{}
	// Not the one of Go: whole numbers are int64 to the server.
	must(utiljson.Unmarshal(object, &value))
	defaulting.PruneNonNullableNullsWithoutDefaults(value, of.structural)
	defaulting.Default(value, of.structural)
	pruning.Prune(value, of.structural, true)
	found := validation.ValidateCustomResource(nil, value, of.schema)
	found = append(found, listtype.ValidateListSetsAndMaps(nil, of.structural, value)...)
	result := verdict{Schema: listed(found), Rules: []told{}}
	if of.rules != nil && !blocks(found) {
		broken, _ := of.rules.Validate(context.TODO(), nil, of.structural, value, nil, celconfig.RuntimeCELCostBudget)
		result.Rules = listed(broken)
	}
	return result
}

func blocks(found field.ErrorList) bool {
	for _, err := range found {
		switch err.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong,
			field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}

func listed(found field.ErrorList) []told {
	all := []told{}
	for _, err := range found {
		all = append(all, told{err.Field, string(err.Type), err.Detail})
	}
	return all
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
