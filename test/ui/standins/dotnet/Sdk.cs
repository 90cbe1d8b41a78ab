// A stand-in for the AWS SDK for .NET, which cannot be installed from the registries that
// the tests use. It is not that SDK: it has of version 4 of AWSSDK.DynamoDBv2 the classes
// that the code in the Resource Browser uses, with the names and the types of their
// members, so that a wrong one is not compiled. A request is sent with all that is set in
// it, empty collections too, as that version does; what is not set is null. It does not
// sign, and is asked for one thing after another.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Amazon.Runtime
{
    public abstract class AWSCredentials { }

    public class BasicAWSCredentials : AWSCredentials
    {
        internal readonly string AccessKey;
        public BasicAWSCredentials(string accessKey, string secretKey) { AccessKey = accessKey; }
    }

    // ConstantClass is a value of an enumeration, or any other text.
    public class ConstantClass
    {
        public readonly string Value;
        protected ConstantClass(string value) { Value = value; }
        public override string ToString() { return Value; }
        public override bool Equals(object other) { return other is ConstantClass c && c.Value == Value; }
        public override int GetHashCode() { return Value.GetHashCode(); }
        public static bool operator ==(ConstantClass a, ConstantClass b) { return Equals(a, b); }
        public static bool operator !=(ConstantClass a, ConstantClass b) { return !Equals(a, b); }
    }
}

namespace Amazon.DynamoDBv2
{
    using Amazon.DynamoDBv2.Model;
    using Amazon.Runtime;

    public class BillingMode : ConstantClass { BillingMode(string v) : base(v) { } public static readonly BillingMode PAY_PER_REQUEST = new BillingMode("PAY_PER_REQUEST"), PROVISIONED = new BillingMode("PROVISIONED"); }
    public class KeyType : ConstantClass { KeyType(string v) : base(v) { } public static readonly KeyType HASH = new KeyType("HASH"), RANGE = new KeyType("RANGE"); }
    public class ProjectionType : ConstantClass { ProjectionType(string v) : base(v) { } public static readonly ProjectionType ALL = new ProjectionType("ALL"), INCLUDE = new ProjectionType("INCLUDE"), KEYS_ONLY = new ProjectionType("KEYS_ONLY"); }
    public class ScalarAttributeType : ConstantClass { ScalarAttributeType(string v) : base(v) { } public static readonly ScalarAttributeType B = new ScalarAttributeType("B"), N = new ScalarAttributeType("N"), S = new ScalarAttributeType("S"); }
    public class Select : ConstantClass { Select(string v) : base(v) { } public static readonly Select ALL_ATTRIBUTES = new Select("ALL_ATTRIBUTES"), ALL_PROJECTED_ATTRIBUTES = new Select("ALL_PROJECTED_ATTRIBUTES"), COUNT = new Select("COUNT"), SPECIFIC_ATTRIBUTES = new Select("SPECIFIC_ATTRIBUTES"); }
    public class SSEType : ConstantClass { SSEType(string v) : base(v) { } public static readonly SSEType AES256 = new SSEType("AES256"), KMS = new SSEType("KMS"); }
    public class StreamViewType : ConstantClass { StreamViewType(string v) : base(v) { } public static readonly StreamViewType KEYS_ONLY = new StreamViewType("KEYS_ONLY"), NEW_AND_OLD_IMAGES = new StreamViewType("NEW_AND_OLD_IMAGES"), NEW_IMAGE = new StreamViewType("NEW_IMAGE"), OLD_IMAGE = new StreamViewType("OLD_IMAGE"); }
    public class TableClass : ConstantClass { TableClass(string v) : base(v) { } public static readonly TableClass STANDARD = new TableClass("STANDARD"), STANDARD_INFREQUENT_ACCESS = new TableClass("STANDARD_INFREQUENT_ACCESS"); }
    public class TableStatus : ConstantClass { internal TableStatus(string v) : base(v) { } public static readonly TableStatus ACTIVE = new TableStatus("ACTIVE"), CREATING = new TableStatus("CREATING"); }

    public class AmazonDynamoDBException : Exception { public AmazonDynamoDBException(string message) : base(message) { } }

    public class AmazonDynamoDBConfig
    {
        public string ServiceURL { get; set; }
        public string AuthenticationRegion { get; set; }
    }

    public class AmazonDynamoDBClient
    {
        readonly string account;
        readonly AmazonDynamoDBConfig config;

        public AmazonDynamoDBClient(AWSCredentials credentials, AmazonDynamoDBConfig config)
        {
            account = ((BasicAWSCredentials)credentials).AccessKey;
            this.config = config;
        }

        public Task<BatchExecuteStatementResponse> BatchExecuteStatementAsync(BatchExecuteStatementRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<BatchExecuteStatementResponse>(request); }
        public Task<CreateTableResponse> CreateTableAsync(CreateTableRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<CreateTableResponse>(request); }
        public Task<DeleteItemResponse> DeleteItemAsync(DeleteItemRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<DeleteItemResponse>(request); }
        public Task<DescribeTableResponse> DescribeTableAsync(DescribeTableRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<DescribeTableResponse>(request); }
        public Task<ExecuteStatementResponse> ExecuteStatementAsync(ExecuteStatementRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<ExecuteStatementResponse>(request); }
        public Task<ExecuteTransactionResponse> ExecuteTransactionAsync(ExecuteTransactionRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<ExecuteTransactionResponse>(request); }
        public Task<GetItemResponse> GetItemAsync(GetItemRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<GetItemResponse>(request); }
        public Task<PutItemResponse> PutItemAsync(PutItemRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<PutItemResponse>(request); }
        public Task<QueryResponse> QueryAsync(QueryRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<QueryResponse>(request); }
        public Task<ScanResponse> ScanAsync(ScanRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<ScanResponse>(request); }
        public Task<TransactWriteItemsResponse> TransactWriteItemsAsync(TransactWriteItemsRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<TransactWriteItemsResponse>(request); }
        public Task<UpdateItemResponse> UpdateItemAsync(UpdateItemRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<UpdateItemResponse>(request); }
        public Task<UpdateTableResponse> UpdateTableAsync(UpdateTableRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<UpdateTableResponse>(request); }
        public Task<UpdateTimeToLiveResponse> UpdateTimeToLiveAsync(UpdateTimeToLiveRequest request, CancellationToken cancellationToken = default(CancellationToken)) { return Send<UpdateTimeToLiveResponse>(request); }

        async Task<T> Send<T>(object request)
        {
            await Task.Yield();
            var operation = request.GetType().Name;
            var sent = (HttpWebRequest)WebRequest.Create(config.ServiceURL);
            sent.Proxy = null;
            sent.Method = "POST";
            sent.ContentType = "application/x-amz-json-1.0";
            sent.ServicePoint.Expect100Continue = false;
            sent.Headers["X-Amz-Target"] = "DynamoDB_20120810." + operation.Substring(0, operation.Length - "Request".Length);
            sent.Headers["Authorization"] = $"AWS4-HMAC-SHA256 Credential={account}/20260101/{config.AuthenticationRegion}/dynamodb/aws4_request, SignedHeaders=host, Signature=00";
            var content = Encoding.UTF8.GetBytes(Json.Write(request));
            using (var body = sent.GetRequestStream()) body.Write(content, 0, content.Length);
            try
            {
                using (var answer = sent.GetResponse()) return (T)Json.Made(typeof(T), Json.Read(Text(answer)));
            }
            catch (WebException e) when (e.Response != null)
            {
                throw new AmazonDynamoDBException(Text(e.Response));
            }
        }

        static string Text(WebResponse answer) { return new StreamReader(answer.GetResponseStream(), Encoding.UTF8).ReadToEnd(); }
    }

    // Json writes and reads objects by their members.
    static class Json
    {
        public static string Write(object v)
        {
            if (v is string || v is Amazon.Runtime.ConstantClass) return Quoted(v.ToString());
            if (v is bool b) return b ? "true" : "false";
            if (v is int || v is long) return Convert.ToString(v, CultureInfo.InvariantCulture);
            if (v is MemoryStream bytes) return Quoted(Convert.ToBase64String(bytes.ToArray()));
            if (v is IDictionary map) return "{" + string.Join(",", map.Keys.Cast<string>().Select(name => Quoted(name) + ":" + Write(map[name]))) + "}";
            if (v is IList list) return "[" + string.Join(",", list.Cast<object>().Select(Write)) + "]";
            var members = v.GetType().GetProperties().Where(p => p.GetValue(v) != null);
            return "{" + string.Join(",", members.Select(p => Quoted(p.Name) + ":" + Write(p.GetValue(v)))) + "}";
        }

        static string Quoted(string s)
        {
            return "\"" + string.Concat(s.Select(c => c == '"' || c == '\\' ? "\\" + c : c < ' ' ? "\\u" + ((int)c).ToString("x4") : c.ToString())) + "\"";
        }

        // Made makes an object of a type of what was read.
        public static object Made(Type type, object v)
        {
            if (v == null || type == typeof(string)) return v;
            if (type == typeof(bool?)) return v;
            if (type == typeof(TableStatus)) return new TableStatus((string)v);
            if (type == typeof(MemoryStream)) return new MemoryStream(Convert.FromBase64String((string)v));
            var made = Activator.CreateInstance(type);
            if (made is IList list)
            {
                foreach (var e in (List<object>)v) list.Add(Made(type.GetGenericArguments()[0], e));
                return made;
            }
            foreach (var e in (Dictionary<string, object>)v)
            {
                if (made is IDictionary map) map[e.Key] = Made(type.GetGenericArguments()[1], e.Value);
                else type.GetProperty(e.Key)?.SetValue(made, Made(type.GetProperty(e.Key).PropertyType, e.Value));
            }
            return made;
        }

        public static object Read(string text)
        {
            var at = 0;
            return Read(text, ref at);
        }

        // Read reads a value; numbers, which answers have in what is not looked at, are text.
        static object Read(string text, ref int at)
        {
            if (text[at] == '"')
            {
                var s = new StringBuilder();
                for (at++; text[at] != '"'; at++)
                {
                    if (text[at] != '\\') { s.Append(text[at]); continue; }
                    var c = text[++at];
                    if (c == 'u') { s.Append((char)Convert.ToInt32(text.Substring(at + 1, 4), 16)); at += 4; }
                    else s.Append(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c);
                }
                at++;
                return s.ToString();
            }
            if (text[at] == '{')
            {
                var map = new Dictionary<string, object>();
                for (at++; text[at] != '}'; )
                {
                    if (text[at] == ',') at++;
                    var name = (string)Read(text, ref at);
                    at++;
                    map[name] = Read(text, ref at);
                }
                at++;
                return map;
            }
            if (text[at] == '[')
            {
                var list = new List<object>();
                for (at++; text[at] != ']'; )
                {
                    if (text[at] == ',') at++;
                    list.Add(Read(text, ref at));
                }
                at++;
                return list;
            }
            var from = at;
            while (at < text.Length && ",]}".IndexOf(text[at]) < 0) at++;
            var word = text.Substring(from, at - from);
            return word == "true" ? true : word == "false" ? false : word == "null" ? null : (object)word;
        }
    }
}

namespace Amazon.DynamoDBv2.DocumentModel
{
    using Amazon.DynamoDBv2.Model;

    public class Document
    {
        readonly Dictionary<string, AttributeValue> item;
        Document(Dictionary<string, AttributeValue> item) { this.item = item; }
        public static Document FromAttributeMap(Dictionary<string, AttributeValue> data) { return new Document(data); }
        // The SDK leaves out the types.
        public string ToJson() { return Json.Write(item); }
    }
}

namespace Amazon.DynamoDBv2.Model
{
    using Item = Dictionary<string, AttributeValue>;
    using Names = Dictionary<string, string>;

    public class AttributeValue
    {
        public string S { get; set; }
        public string N { get; set; }
        public MemoryStream B { get; set; }
        public List<string> SS { get; set; }
        public List<string> NS { get; set; }
        public List<MemoryStream> BS { get; set; }
        public Dictionary<string, AttributeValue> M { get; set; }
        public List<AttributeValue> L { get; set; }
        public bool? NULL { get; set; }
        public bool? BOOL { get; set; }
    }

    public class GetItemRequest
    {
        public string TableName { get; set; }
        public Item Key { get; set; }
        public bool? ConsistentRead { get; set; }
        public string ProjectionExpression { get; set; }
        public Names ExpressionAttributeNames { get; set; }
    }

    public class QueryRequest
    {
        public string TableName { get; set; }
        public string IndexName { get; set; }
        public string KeyConditionExpression { get; set; }
        public string FilterExpression { get; set; }
        public string ProjectionExpression { get; set; }
        public Names ExpressionAttributeNames { get; set; }
        public Item ExpressionAttributeValues { get; set; }
        public Item ExclusiveStartKey { get; set; }
        public bool? ConsistentRead { get; set; }
        public bool? ScanIndexForward { get; set; }
        public int? Limit { get; set; }
        public Select Select { get; set; }
    }

    public class ScanRequest
    {
        public string TableName { get; set; }
        public string IndexName { get; set; }
        public string FilterExpression { get; set; }
        public string ProjectionExpression { get; set; }
        public Names ExpressionAttributeNames { get; set; }
        public Item ExpressionAttributeValues { get; set; }
        public Item ExclusiveStartKey { get; set; }
        public bool? ConsistentRead { get; set; }
        public int? Limit { get; set; }
        public int? Segment { get; set; }
        public int? TotalSegments { get; set; }
        public Select Select { get; set; }
    }

    // Put, Update and Delete are of a transaction.
    public class Put
    {
        public string TableName { get; set; }
        public Item Item { get; set; }
        public string ConditionExpression { get; set; }
        public Names ExpressionAttributeNames { get; set; }
        public Item ExpressionAttributeValues { get; set; }
    }

    public class Update
    {
        public string TableName { get; set; }
        public Item Key { get; set; }
        public string UpdateExpression { get; set; }
        public string ConditionExpression { get; set; }
        public Names ExpressionAttributeNames { get; set; }
        public Item ExpressionAttributeValues { get; set; }
    }

    public class Delete
    {
        public string TableName { get; set; }
        public Item Key { get; set; }
        public string ConditionExpression { get; set; }
        public Names ExpressionAttributeNames { get; set; }
        public Item ExpressionAttributeValues { get; set; }
    }

    public class PutItemRequest : Put { }
    public class UpdateItemRequest : Update { }
    public class DeleteItemRequest : Delete { }

    public class TransactWriteItem
    {
        public Put Put { get; set; }
        public Update Update { get; set; }
        public Delete Delete { get; set; }
    }

    public class TransactWriteItemsRequest { public List<TransactWriteItem> TransactItems { get; set; } }

    public class ExecuteStatementRequest
    {
        public string Statement { get; set; }
        public List<AttributeValue> Parameters { get; set; }
        public bool? ConsistentRead { get; set; }
        public int? Limit { get; set; }
    }

    public class BatchStatementRequest
    {
        public string Statement { get; set; }
        public List<AttributeValue> Parameters { get; set; }
        public bool? ConsistentRead { get; set; }
    }

    public class BatchExecuteStatementRequest { public List<BatchStatementRequest> Statements { get; set; } }

    public class ParameterizedStatement
    {
        public string Statement { get; set; }
        public List<AttributeValue> Parameters { get; set; }
    }

    public class ExecuteTransactionRequest { public List<ParameterizedStatement> TransactStatements { get; set; } }

    public class AttributeDefinition
    {
        public string AttributeName { get; set; }
        public ScalarAttributeType AttributeType { get; set; }
    }

    public class KeySchemaElement
    {
        public string AttributeName { get; set; }
        public KeyType KeyType { get; set; }
    }

    public class Projection
    {
        public ProjectionType ProjectionType { get; set; }
        public List<string> NonKeyAttributes { get; set; }
    }

    public class ProvisionedThroughput
    {
        public long? ReadCapacityUnits { get; set; }
        public long? WriteCapacityUnits { get; set; }
    }

    public class OnDemandThroughput
    {
        public long? MaxReadRequestUnits { get; set; }
        public long? MaxWriteRequestUnits { get; set; }
    }

    public class WarmThroughput
    {
        public long? ReadUnitsPerSecond { get; set; }
        public long? WriteUnitsPerSecond { get; set; }
    }

    public class LocalSecondaryIndex
    {
        public string IndexName { get; set; }
        public List<KeySchemaElement> KeySchema { get; set; }
        public Projection Projection { get; set; }
    }

    public class GlobalSecondaryIndex
    {
        public string IndexName { get; set; }
        public List<KeySchemaElement> KeySchema { get; set; }
        public Projection Projection { get; set; }
        public ProvisionedThroughput ProvisionedThroughput { get; set; }
        public OnDemandThroughput OnDemandThroughput { get; set; }
        public WarmThroughput WarmThroughput { get; set; }
    }

    public class StreamSpecification
    {
        public bool? StreamEnabled { get; set; }
        public StreamViewType StreamViewType { get; set; }
    }

    public class SSESpecification
    {
        public bool? Enabled { get; set; }
        public SSEType SSEType { get; set; }
        public string KMSMasterKeyId { get; set; }
    }

    public class Tag
    {
        public string Key { get; set; }
        public string Value { get; set; }
    }

    public class CreateTableRequest
    {
        public string TableName { get; set; }
        public List<AttributeDefinition> AttributeDefinitions { get; set; }
        public List<KeySchemaElement> KeySchema { get; set; }
        public List<LocalSecondaryIndex> LocalSecondaryIndexes { get; set; }
        public List<GlobalSecondaryIndex> GlobalSecondaryIndexes { get; set; }
        public BillingMode BillingMode { get; set; }
        public ProvisionedThroughput ProvisionedThroughput { get; set; }
        public OnDemandThroughput OnDemandThroughput { get; set; }
        public WarmThroughput WarmThroughput { get; set; }
        public StreamSpecification StreamSpecification { get; set; }
        public SSESpecification SSESpecification { get; set; }
        public TableClass TableClass { get; set; }
        public bool? DeletionProtectionEnabled { get; set; }
        public List<Tag> Tags { get; set; }
    }

    public class DescribeTableRequest { public string TableName { get; set; } }

    public class TimeToLiveSpecification
    {
        public string AttributeName { get; set; }
        public bool? Enabled { get; set; }
    }

    public class UpdateTimeToLiveRequest
    {
        public string TableName { get; set; }
        public TimeToLiveSpecification TimeToLiveSpecification { get; set; }
    }

    public class CreateReplicationGroupMemberAction
    {
        public string RegionName { get; set; }
        public string KMSMasterKeyId { get; set; }
        public TableClass TableClassOverride { get; set; }
    }

    public class ReplicationGroupUpdate { public CreateReplicationGroupMemberAction Create { get; set; } }

    public class UpdateTableRequest
    {
        public string TableName { get; set; }
        public List<ReplicationGroupUpdate> ReplicaUpdates { get; set; }
    }

    public class GetItemResponse { public Item Item { get; set; } }

    public class QueryResponse
    {
        public List<Item> Items { get; set; }
        public Item LastEvaluatedKey { get; set; }
    }

    public class ScanResponse
    {
        public List<Item> Items { get; set; }
        public Item LastEvaluatedKey { get; set; }
    }

    public class ExecuteStatementResponse { public List<Item> Items { get; set; } }
    public class BatchStatementError { public string Message { get; set; } }

    public class BatchStatementResponse
    {
        public Item Item { get; set; }
        public BatchStatementError Error { get; set; }
    }

    public class BatchExecuteStatementResponse { public List<BatchStatementResponse> Responses { get; set; } }
    public class ItemResponse { public Item Item { get; set; } }
    public class ExecuteTransactionResponse { public List<ItemResponse> Responses { get; set; } }
    public class TableDescription { public TableStatus TableStatus { get; set; } }
    public class DescribeTableResponse { public TableDescription Table { get; set; } }
    public class CreateTableResponse { }
    public class DeleteItemResponse { }
    public class PutItemResponse { }
    public class TransactWriteItemsResponse { }
    public class UpdateItemResponse { }
    public class UpdateTableResponse { }
    public class UpdateTimeToLiveResponse { }
}
