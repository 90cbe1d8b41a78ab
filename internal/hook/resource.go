package hook

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// same are the properties of a table that CreateTable has, too.
var same = []string{
	"TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput", "TableClass",
	"DeletionProtectionEnabled", "OnDemandThroughput", "WarmThroughput", "Tags",
}

// sameIndex are those of an index.
var sameIndex = []string{"IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"}

// A taker takes properties out of an object, so that what nobody has taken can
// be told.
type taker struct{ left object }

func take(o object) taker { return taker{maps.Clone(o)} }

func (t taker) get(name string) any {
	v := t.left[name]
	delete(t.left, name)
	return v
}

func (t taker) object(name string) object {
	o, _ := t.get(name).(object)
	return o
}

func (t taker) list(name string) (list []object) {
	all, _ := t.get(name).([]any)
	for _, v := range all {
		o, _ := v.(object)
		list = append(list, o)
	}
	return list
}

// copy takes what is there of some properties.
func (t taker) copy(to object, names ...string) {
	for _, name := range names {
		if v := t.get(name); v != nil {
			to[name] = v
		}
	}
}

// tell says what nobody has taken.
func (s *stack) tell(id, of string, t taker) {
	for _, name := range slices.Sorted(maps.Keys(t.left)) {
		s.conf.Log.Warn("a property is not understood, and left out", "file", s.file, "resource", id, "property", of+name)
	}
}

// typed makes numbers and booleans of the texts that templates may have instead
// of them.
func typed(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = typed(v[i])
		}
	case object:
		for name, member := range v {
			text, ok := member.(string)
			switch {
			case !ok:
				v[name] = typed(member)
			case strings.HasSuffix(name, "Units") || strings.HasSuffix(name, "UnitsPerSecond"):
				if _, err := strconv.ParseInt(text, 10, 64); err == nil {
					v[name] = json.Number(text)
				}
			case strings.HasSuffix(name, "Enabled"):
				if b, err := strconv.ParseBool(text); err == nil {
					v[name] = b
				}
			}
		}
	}
	return v
}

// indexes returns the indexes of a table.
func (s *stack) indexes(id, kind string, list []object) []any {
	var indexes []any
	for _, ix := range list {
		t, index := take(ix), object{}
		t.copy(index, sameIndex...)
		s.tell(id, kind+".", t)
		indexes = append(indexes, index)
	}
	return indexes
}

// common translates the properties that both kinds of tables have.
func (s *stack) common(id string, t taker) (request object, ttl object) {
	request = object{}
	t.copy(request, same...)
	if list := s.indexes(id, "LocalSecondaryIndexes", t.list("LocalSecondaryIndexes")); list != nil {
		request["LocalSecondaryIndexes"] = list
	}
	if stream := t.object("StreamSpecification"); stream != nil {
		request["StreamSpecification"] = object{"StreamEnabled": true, "StreamViewType": stream["StreamViewType"]}
	}
	if sse := t.object("SSESpecification"); sse != nil {
		spec := object{"Enabled": sse["SSEEnabled"]}
		for _, name := range []string{"SSEType", "KMSMasterKeyId"} {
			if sse[name] != nil {
				spec[name] = sse[name]
			}
		}
		request["SSESpecification"] = spec
	}
	t.policy(request)
	return request, t.object("TimeToLiveSpecification")
}

// policy translates the policy of a table, or of a global table's replica.
func (t taker) policy(request object) {
	policy := t.object("ResourcePolicy")["PolicyDocument"]
	if policy == nil {
		return
	}
	text, ok := policy.(string)
	if !ok {
		raw, _ := json.Marshal(policy) // it has come out of JSON
		text = string(raw)
	}
	request["ResourcePolicy"] = text
}

// expire sets the time to live of a table.
func (s *stack) expire(name any, ttl object) error {
	if ttl["Enabled"] != true {
		return nil
	}
	_, err := s.do("UpdateTimeToLive", object{"TableName": name, "TimeToLiveSpecification": pick(ttl, "AttributeName", "Enabled")})
	if err != nil {
		return fmt.Errorf("time to live: %w", err)
	}
	return nil
}

func (s *stack) table(id string, properties object) error {
	t := take(typed(properties).(object))
	request, ttl := s.common(id, t)
	if list := s.indexes(id, "GlobalSecondaryIndexes", t.list("GlobalSecondaryIndexes")); list != nil {
		request["GlobalSecondaryIndexes"] = list
	}
	s.tell(id, "", t)
	created, err := s.create(request)
	name, _ := request["TableName"].(string)
	s.created[name] = created
	if err != nil || !created || ttl == nil {
		return err
	}
	if err := s.wait(name); err != nil {
		return err
	}
	return s.expire(name, ttl)
}

// capacity returns the units to begin with of settings of an auto scaling, or of
// units as such.
func capacity(settings object, units, scaling string) any {
	if v := settings[units]; v != nil {
		return v
	}
	scale, _ := settings[scaling].(object)
	for _, name := range []string{"SeedCapacity", "MinCapacity"} {
		if v := scale[name]; v != nil {
			if text, ok := v.(string); ok {
				return json.Number(text)
			}
			return v
		}
	}
	return nil
}

// provision moves the throughput of a table or an index from where a global table
// has it, with that of the replica in the stack's region.
func provision(request object, global, replica taker) {
	write := capacity(global.object("WriteProvisionedThroughputSettings"), "WriteCapacityUnits", "WriteCapacityAutoScalingSettings")
	read := capacity(replica.object("ReadProvisionedThroughputSettings"), "ReadCapacityUnits", "ReadCapacityAutoScalingSettings")
	if write != nil {
		if read == nil {
			read = write
		}
		request["ProvisionedThroughput"] = object{"ReadCapacityUnits": read, "WriteCapacityUnits": write}
	}
	limits := object{}
	if v := global.object("WriteOnDemandThroughputSettings")["MaxWriteRequestUnits"]; v != nil {
		limits["MaxWriteRequestUnits"] = v
	}
	if v := replica.object("ReadOnDemandThroughputSettings")["MaxReadRequestUnits"]; v != nil {
		limits["MaxReadRequestUnits"] = v
	}
	if len(limits) > 0 {
		request["OnDemandThroughput"] = limits
	}
}

func (s *stack) global(id string, properties object) error {
	t := take(typed(properties).(object))
	request, ttl := s.common(id, t)
	replicas := t.list("Replicas")
	if len(replicas) == 0 {
		return errors.New("it has no Replicas")
	}
	// The table is made in the stack's region if it is to be there.
	first := max(0, slices.IndexFunc(replicas, func(r object) bool { return r["Region"] == s.conf.Region }))
	mine := take(replicas[first])
	region, _ := mine.get("Region").(string)
	mine.copy(request, "Tags", "DeletionProtectionEnabled", "TableClass")
	mine.policy(request)
	if key := mine.object("SSESpecification")["KMSMasterKeyId"]; key != nil {
		spec, _ := request["SSESpecification"].(object)
		if spec == nil {
			spec = object{"Enabled": true}
			request["SSESpecification"] = spec
		}
		spec["KMSMasterKeyId"] = key
	}
	provision(request, t, mine)
	own := map[any]taker{}
	for _, ix := range mine.list("GlobalSecondaryIndexes") {
		own[ix["IndexName"]] = take(ix)
	}
	var indexes []any
	for _, ix := range t.list("GlobalSecondaryIndexes") {
		of, index := take(ix), object{}
		of.copy(index, sameIndex...)
		replica, ok := own[ix["IndexName"]]
		if !ok {
			replica = take(object{})
		}
		provision(index, of, replica)
		s.tell(id, "GlobalSecondaryIndexes.", of)
		indexes = append(indexes, index)
	}
	if indexes != nil {
		request["GlobalSecondaryIndexes"] = indexes
	}
	if len(replicas) > 1 && request["StreamSpecification"] == nil {
		request["StreamSpecification"] = object{"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
	}
	consistency := t.get("MultiRegionConsistency")
	witnesses := t.list("GlobalTableWitnesses")
	s.tell(id, "", t)
	s.tell(id, "Replicas.", mine)

	there := *s.work // where the table is made
	there.region = region
	created, err := there.create(request)
	if err != nil || !created {
		return err
	}
	name, _ := request["TableName"].(string)
	var creates []any
	for i, r := range replicas {
		if i == first {
			continue
		}
		t, create := take(r), object{"RegionName": r["Region"]}
		delete(t.left, "Region")
		if sse := t.object("SSESpecification"); sse["KMSMasterKeyId"] != nil {
			create["KMSMasterKeyId"] = sse["KMSMasterKeyId"]
		}
		if class := t.get("TableClass"); class != nil {
			create["TableClassOverride"] = class
		}
		s.tell(id, "Replicas.", t)
		creates = append(creates, object{"Create": create})
	}
	if err := there.join(name, creates, consistency == "STRONG", witnesses); err != nil {
		return err
	}
	if err := there.wait(name); err != nil {
		return err
	}
	return (&stack{work: &there}).expire(name, ttl)
}

// join adds replicas one after the other, but for those of strong consistency,
// which come together.
func (j *work) join(name string, creates []any, strong bool, witnesses []object) error {
	if !strong {
		for _, c := range creates {
			create, _ := c.(object)["Create"].(object)
			region, _ := create["RegionName"].(string)
			if err := j.replicate(name, region, create); err != nil {
				return err
			}
		}
		return nil
	}
	if err := j.wait(name); err != nil {
		return err
	}
	request := object{"TableName": name, "ReplicaUpdates": creates, "MultiRegionConsistency": "STRONG"}
	if len(witnesses) > 0 {
		request["GlobalTableWitnessUpdates"] = []any{object{"Create": object{"RegionName": witnesses[0]["Region"]}}}
	}
	if _, err := j.do("UpdateTable", request); err != nil {
		return fmt.Errorf("table %s, replicas: %w", name, err)
	}
	return nil
}
