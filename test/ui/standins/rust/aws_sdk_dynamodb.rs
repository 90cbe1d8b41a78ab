//! A stand-in for the crate aws-sdk-dynamodb, which cannot be installed from the registries
//! that the tests use. It is not that crate: it has of it the modules, types and methods
//! that the code in the Resource Browser uses, with their names and what they take and
//! return, so that a wrong one is not compiled; a builder fails where the crate's does. It
//! does not sign, and its futures are ready when they are first asked.

use std::collections::HashMap;
use std::fmt;
use std::io::{Read, Write};
use std::net::TcpStream;
use types::AttributeValue;

type Item = HashMap<String, AttributeValue>;

/// Json is what is sent and answered; numbers are text.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Json::Number(n) => out.push_str(n),
            Json::Text(s) => quote(s, out),
            Json::List(list) => {
                for (i, e) in list.iter().enumerate() {
                    out.push(if i == 0 { '[' } else { ',' });
                    e.write(out);
                }
                out.push_str(if list.is_empty() { "[]" } else { "]" });
            }
            Json::Map(map) => {
                for (i, (name, e)) in map.iter().enumerate() {
                    out.push(if i == 0 { '{' } else { ',' });
                    quote(name, out);
                    out.push(':');
                    e.write(out);
                }
                out.push_str(if map.is_empty() { "{}" } else { "}" });
            }
        }
    }

    fn read(text: &mut std::iter::Peekable<std::str::Chars>) -> Json {
        match text.peek() {
            Some('"') => Json::Text(unquote(text)),
            Some('[') => {
                let mut list = vec![];
                while matches!(text.next(), Some('[' | ',')) {
                    if text.peek() == Some(&']') {
                        text.next();
                        break;
                    }
                    list.push(Json::read(text));
                }
                Json::List(list)
            }
            Some('{') => {
                let mut map = vec![];
                while matches!(text.next(), Some('{' | ',')) {
                    if text.peek() == Some(&'}') {
                        text.next();
                        break;
                    }
                    let name = unquote(text);
                    text.next();
                    map.push((name, Json::read(text)));
                }
                Json::Map(map)
            }
            _ => {
                let mut word = String::new();
                while let Some(c) = text.peek().filter(|c| !",]}".contains(**c)) {
                    word.push(*c);
                    text.next();
                }
                match word.as_str() {
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    "null" => Json::Null,
                    _ => Json::Number(word),
                }
            }
        }
    }

    fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Map(map) => map.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    fn list(&self) -> &[Json] {
        match self {
            Json::List(list) => list,
            _ => &[],
        }
    }

    fn text(&self) -> String {
        match self {
            Json::Text(s) | Json::Number(s) => s.clone(),
            _ => String::new(),
        }
    }

    fn item(&self) -> Item {
        match self {
            Json::Map(map) => map.iter().map(|(name, v)| (name.clone(), v.value())).collect(),
            _ => HashMap::new(),
        }
    }

    fn value(&self) -> AttributeValue {
        let (kind, v) = match self {
            Json::Map(map) => &map[0],
            _ => panic!("{self:?} is no value"),
        };
        let texts = || v.list().iter().map(Json::text).collect();
        let blob = |v: &Json| primitives::Blob::new(unbase64(&v.text()));
        match kind.as_str() {
            "S" => AttributeValue::S(v.text()),
            "N" => AttributeValue::N(v.text()),
            "B" => AttributeValue::B(blob(v)),
            "BOOL" => AttributeValue::Bool(matches!(v, Json::Bool(true))),
            "NULL" => AttributeValue::Null(true),
            "SS" => AttributeValue::Ss(texts()),
            "NS" => AttributeValue::Ns(texts()),
            "BS" => AttributeValue::Bs(v.list().iter().map(blob).collect()),
            "L" => AttributeValue::L(v.list().iter().map(Json::value).collect()),
            _ => AttributeValue::M(v.item()),
        }
    }
}

fn quote(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn unquote(text: &mut std::iter::Peekable<std::str::Chars>) -> String {
    let mut units: Vec<u16> = vec![];
    text.next();
    while let Some(c) = text.next().filter(|c| *c != '"') {
        let c = match c {
            '\\' => match text.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits: String = (0..4).filter_map(|_| text.next()).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                    continue;
                }
                other => other.unwrap(),
            },
            c => c,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = (0..3).fold(0, |n, i| n << 8 | *chunk.get(i).unwrap_or(&0) as usize);
        for i in 0..4 {
            out.push(if i <= chunk.len() { DIGITS[n >> (18 - 6 * i) & 63] as char } else { '=' });
        }
    }
    out
}

fn unbase64(text: &str) -> Vec<u8> {
    let (mut out, mut n, mut bits) = (vec![], 0usize, 0);
    for digit in text.bytes().filter_map(|c| DIGITS.iter().position(|d| *d == c)) {
        n = (n << 6 | digit) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((n >> bits) as u8);
        }
    }
    out
}

pub mod config {
    #[derive(Clone, Debug)]
    pub struct Region(pub(crate) String);

    impl Region {
        pub fn new(region: impl Into<std::borrow::Cow<'static, str>>) -> Region {
            Region(region.into().into_owned())
        }
    }

    #[derive(Clone, Copy, Debug)]
    pub struct BehaviorVersion;

    impl BehaviorVersion {
        pub fn latest() -> BehaviorVersion {
            BehaviorVersion
        }
    }

    #[derive(Clone, Debug)]
    pub struct Credentials(pub(crate) String);

    impl Credentials {
        pub fn new(key: impl Into<String>, _secret: impl Into<String>, _token: Option<String>, _until: Option<std::time::SystemTime>, _provider: &'static str) -> Credentials {
            Credentials(key.into())
        }
    }

    #[derive(Clone, Debug, Default)]
    pub struct Config {
        pub(crate) versioned: bool,
        pub(crate) endpoint: String,
        pub(crate) region: String,
        pub(crate) account: String,
    }

    impl Config {
        pub fn builder() -> Builder {
            Builder(Config::default())
        }
    }

    pub struct Builder(Config);

    impl Builder {
        pub fn behavior_version(mut self, _version: BehaviorVersion) -> Self {
            self.0.versioned = true;
            self
        }

        pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
            self.0.endpoint = url.into();
            self
        }

        pub fn region(mut self, region: impl Into<Option<Region>>) -> Self {
            self.0.region = region.into().map(|r| r.0).unwrap_or_default();
            self
        }

        pub fn credentials_provider(mut self, credentials: Credentials) -> Self {
            self.0.account = credentials.0;
            self
        }

        pub fn build(self) -> Config {
            self.0
        }
    }
}

pub use config::Config;

pub mod primitives {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Blob(Vec<u8>);

    impl Blob {
        pub fn new(bytes: impl Into<Vec<u8>>) -> Blob {
            Blob(bytes.into())
        }
    }

    impl AsRef<[u8]> for Blob {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
}

pub mod error {
    pub struct SdkError(pub(crate) String);

    #[derive(Debug)]
    pub struct BuildError(pub(crate) &'static str);
}

use error::{BuildError, SdkError};

macro_rules! errors {
    ($($error:ident)*) => { $(
        impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl std::error::Error for $error {}
    )* };
}

errors! { SdkError BuildError }

impl fmt::Debug for SdkError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Sent is what can be in a request.
pub(crate) trait Sent {
    fn json(self) -> Json;
}

macro_rules! sent {
    ($($type:ty: $v:ident => $json:expr),*) => { $(
        impl Sent for $type {
            fn json(self) -> Json {
                let $v = self;
                $json
            }
        }
    )* };
}

sent! {
    String: s => Json::Text(s),
    bool: b => Json::Bool(b),
    i32: n => Json::Number(n.to_string()),
    i64: n => Json::Number(n.to_string()),
    AttributeValue: v => {
        let texts = |list: Vec<String>| Json::List(list.into_iter().map(Json::Text).collect());
        let (kind, v) = match v {
            AttributeValue::S(s) => ("S", Json::Text(s)),
            AttributeValue::N(n) => ("N", Json::Text(n)),
            AttributeValue::B(b) => ("B", Json::Text(base64(b.as_ref()))),
            AttributeValue::Bool(b) => ("BOOL", Json::Bool(b)),
            AttributeValue::Null(b) => ("NULL", Json::Bool(b)),
            AttributeValue::Ss(list) => ("SS", texts(list)),
            AttributeValue::Ns(list) => ("NS", texts(list)),
            AttributeValue::Bs(list) => ("BS", texts(list.iter().map(|b| base64(b.as_ref())).collect())),
            AttributeValue::L(list) => ("L", Json::List(list.into_iter().map(Sent::json).collect())),
            AttributeValue::M(item) => ("M", Json::Map(item.into_iter().map(|(name, v)| (name, v.json())).collect())),
        };
        Json::Map(vec![(kind.to_string(), v)])
    }
}

/// Members is what a builder has been told.
#[derive(Clone, Debug, Default)]
pub struct Members(Vec<(String, Json)>);

impl Members {
    fn set(&mut self, name: &str, v: Json) {
        self.0.retain(|(n, _)| *n != api_name(name));
        self.0.push((api_name(name), v));
    }

    fn at(&mut self, name: &str, empty: Json) -> &mut Json {
        let name = api_name(name);
        let i = self.0.iter().position(|(n, _)| *n == name).unwrap_or_else(|| {
            self.0.push((name, empty));
            self.0.len() - 1
        });
        &mut self.0[i].1
    }

    fn push(&mut self, name: &str, v: Json) {
        if let Json::List(list) = self.at(name, Json::List(vec![])) {
            list.push(v);
        }
    }

    fn put(&mut self, name: &str, key: String, v: Json) {
        if let Json::Map(map) = self.at(name, Json::Map(vec![])) {
            map.push((key, v));
        }
    }
}

/// api_name is a member as the API names it: sse_type is SSEType.
fn api_name(name: &str) -> String {
    name.split('_').map(|word| if ["sse", "kms"].contains(&word) { word.to_uppercase() } else { word[..1].to_uppercase() + &word[1..] }).collect()
}

// member writes the method that tells a builder a member of a kind.
macro_rules! member {
    ($name:ident text) => {
        pub fn $name(mut self, input: impl Into<String>) -> Self {
            self.members.set(stringify!($name), Json::Text(input.into()));
            self
        }
    };
    ($name:ident texts) => {
        pub fn $name(mut self, input: impl Into<String>) -> Self {
            self.members.push(stringify!($name), Json::Text(input.into()));
            self
        }
    };
    ($name:ident names) => {
        pub fn $name(mut self, k: impl Into<String>, v: impl Into<String>) -> Self {
            self.members.put(stringify!($name), k.into(), Json::Text(v.into()));
            self
        }
    };
    ($name:ident item) => {
        pub fn $name(mut self, k: impl Into<String>, v: AttributeValue) -> Self {
            self.members.put(stringify!($name), k.into(), v.json());
            self
        }
    };
    ($name:ident one $type:ty) => {
        pub fn $name(mut self, input: $type) -> Self {
            self.members.set(stringify!($name), input.json());
            self
        }
    };
    ($name:ident list $type:ty) => {
        pub fn $name(mut self, input: $type) -> Self {
            self.members.push(stringify!($name), input.json());
            self
        }
    };
}

macro_rules! enumerations {
    ($($type:ident { $($value:ident = $text:literal),* })*) => { $(
        #[derive(Clone, Debug)]
        pub enum $type { $($value),* }

        impl crate::Sent for $type {
            fn json(self) -> Json {
                Json::Text(match self { $($type::$value => $text.to_string()),* })
            }
        }
    )* };
}

// structures writes structures with builders: those that lack something of must fail.
macro_rules! structures {
    ($($type:ident $builder:ident ($($must:ident)*) { $($name:ident: $kind:ident $(($of:ty))?),* })*) => { $(
        #[derive(Clone, Debug)]
        pub struct $type(Json);

        impl $type {
            pub fn builder() -> $builder {
                $builder { members: Members::default() }
            }
        }

        impl crate::Sent for $type {
            fn json(self) -> Json {
                self.0
            }
        }

        pub struct $builder { members: Members }

        impl $builder {
            $(member! { $name $kind $($of)? })*
            structures! { build $type $($must)* }
        }
    )* };
    (build $type:ident) => {
        pub fn build(self) -> $type {
            $type(Json::Map(self.members.0))
        }
    };
    (build $type:ident $($must:ident)+) => {
        pub fn build(self) -> Result<$type, BuildError> {
            $(if !self.members.0.iter().any(|(name, _)| *name == crate::api_name(stringify!($must))) {
                return Err(BuildError(concat!(stringify!($must), " was not specified but it is required")));
            })+
            Ok($type(Json::Map(self.members.0)))
        }
    };
}

pub mod types {
    use crate::error::BuildError;
    use crate::primitives::Blob;
    use crate::{Item, Json, Members, Sent};

    #[derive(Clone, Debug, PartialEq)]
    pub enum AttributeValue {
        B(Blob),
        Bool(bool),
        Bs(Vec<Blob>),
        L(Vec<AttributeValue>),
        M(Item),
        N(String),
        Ns(Vec<String>),
        Null(bool),
        S(String),
        Ss(Vec<String>),
    }

    enumerations! {
        BillingMode { PayPerRequest = "PAY_PER_REQUEST", Provisioned = "PROVISIONED" }
        KeyType { Hash = "HASH", Range = "RANGE" }
        ProjectionType { All = "ALL", Include = "INCLUDE", KeysOnly = "KEYS_ONLY" }
        ScalarAttributeType { B = "B", N = "N", S = "S" }
        Select { AllAttributes = "ALL_ATTRIBUTES", AllProjectedAttributes = "ALL_PROJECTED_ATTRIBUTES", Count = "COUNT", SpecificAttributes = "SPECIFIC_ATTRIBUTES" }
        SseType { Aes256 = "AES256", Kms = "KMS" }
        StreamViewType { KeysOnly = "KEYS_ONLY", NewAndOldImages = "NEW_AND_OLD_IMAGES", NewImage = "NEW_IMAGE", OldImage = "OLD_IMAGE" }
        TableClass { Standard = "STANDARD", StandardInfrequentAccess = "STANDARD_INFREQUENT_ACCESS" }
    }

    structures! {
        Put PutBuilder (item table_name) { table_name: text, item: item, condition_expression: text, expression_attribute_names: names, expression_attribute_values: item }
        Update UpdateBuilder (key update_expression table_name) { table_name: text, key: item, update_expression: text, condition_expression: text, expression_attribute_names: names, expression_attribute_values: item }
        Delete DeleteBuilder (key table_name) { table_name: text, key: item, condition_expression: text, expression_attribute_names: names, expression_attribute_values: item }
        TransactWriteItem TransactWriteItemBuilder () { put: one(Put), update: one(Update), delete: one(Delete) }
        BatchStatementRequest BatchStatementRequestBuilder (statement) { statement: text, parameters: list(AttributeValue), consistent_read: one(bool) }
        ParameterizedStatement ParameterizedStatementBuilder (statement) { statement: text, parameters: list(AttributeValue) }
        AttributeDefinition AttributeDefinitionBuilder (attribute_name attribute_type) { attribute_name: text, attribute_type: one(ScalarAttributeType) }
        KeySchemaElement KeySchemaElementBuilder (attribute_name key_type) { attribute_name: text, key_type: one(KeyType) }
        Projection ProjectionBuilder () { projection_type: one(ProjectionType), non_key_attributes: texts }
        ProvisionedThroughput ProvisionedThroughputBuilder (read_capacity_units write_capacity_units) { read_capacity_units: one(i64), write_capacity_units: one(i64) }
        OnDemandThroughput OnDemandThroughputBuilder () { max_read_request_units: one(i64), max_write_request_units: one(i64) }
        WarmThroughput WarmThroughputBuilder () { read_units_per_second: one(i64), write_units_per_second: one(i64) }
        LocalSecondaryIndex LocalSecondaryIndexBuilder (index_name key_schema) { index_name: text, key_schema: list(KeySchemaElement), projection: one(Projection) }
        GlobalSecondaryIndex GlobalSecondaryIndexBuilder (index_name key_schema) { index_name: text, key_schema: list(KeySchemaElement), projection: one(Projection), provisioned_throughput: one(ProvisionedThroughput), on_demand_throughput: one(OnDemandThroughput), warm_throughput: one(WarmThroughput) }
        StreamSpecification StreamSpecificationBuilder (stream_enabled) { stream_enabled: one(bool), stream_view_type: one(StreamViewType) }
        SseSpecification SseSpecificationBuilder () { enabled: one(bool), sse_type: one(SseType), kms_master_key_id: text }
        Tag TagBuilder (key value) { key: text, value: text }
        TimeToLiveSpecification TimeToLiveSpecificationBuilder (enabled attribute_name) { enabled: one(bool), attribute_name: text }
        CreateReplicationGroupMemberAction CreateReplicationGroupMemberActionBuilder (region_name) { region_name: text, kms_master_key_id: text, table_class_override: one(TableClass) }
        ReplicationGroupUpdate ReplicationGroupUpdateBuilder () { create: one(CreateReplicationGroupMemberAction) }
    }

    pub struct BatchStatementError(pub(crate) String);

    impl BatchStatementError {
        pub fn message(&self) -> Option<&str> {
            Some(&self.0)
        }
    }

    pub struct BatchStatementResponse(pub(crate) Option<Item>, pub(crate) Option<BatchStatementError>);

    impl BatchStatementResponse {
        pub fn item(&self) -> Option<&Item> {
            self.0.as_ref()
        }

        pub fn error(&self) -> Option<&BatchStatementError> {
            self.1.as_ref()
        }
    }

    pub struct ItemResponse(pub(crate) Option<Item>);

    impl ItemResponse {
        pub fn item(&self) -> Option<&Item> {
            self.0.as_ref()
        }
    }
}

use types::*;

#[derive(Clone, Debug)]
pub struct Client(Config);

impl Client {
    pub fn from_conf(config: Config) -> Client {
        assert!(config.versioned, "Invalid client configuration: A behavior major version must be set");
        Client(config)
    }

    fn send(&self, operation: &str, input: Members) -> Result<Json, SdkError> {
        let mut body = String::new();
        Json::Map(input.0).write(&mut body);
        let Config { endpoint, region, account, .. } = &self.0;
        let host = endpoint.trim_start_matches("http://");
        let mut answer = String::new();
        TcpStream::connect(host)
            .and_then(|mut to| {
                write!(
                    to,
                    "POST / HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/dynamodb/aws4_request, SignedHeaders=host, Signature=00\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )?;
                to.read_to_string(&mut answer)
            })
            .map_err(|err| SdkError(err.to_string()))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        if !head.starts_with("HTTP/1.0 200") {
            return Err(SdkError(answer));
        }
        Ok(Json::read(&mut body.chars().peekable()))
    }
}

// operations writes what asks for each operation, and makes its output of the answer.
macro_rules! operations {
    ($($method:ident $builder:ident $operation:literal -> $output:ty, $read:expr; { $($name:ident: $kind:ident $(($of:ty))?),* })*) => {
        impl Client {
            $(pub fn $method(&self) -> $builder {
                $builder { client: self.clone(), members: Members::default() }
            })*
        }

        $(
            #[derive(Clone, Debug)]
            pub struct $builder { client: Client, members: Members }

            impl $builder {
                $(member! { $name $kind $($of)? })*

                pub async fn send(self) -> Result<$output, SdkError> {
                    self.client.send($operation, self.members).map($read)
                }
            }
        )*
    };
}

pub struct GetItemOutput(Option<Item>);

impl GetItemOutput {
    pub fn item(&self) -> Option<&Item> {
        self.0.as_ref()
    }
}

pub struct Items(Vec<Item>);

impl Items {
    pub fn items(&self) -> &[Item] {
        &self.0
    }
}

pub struct Responses<T>(Vec<T>);

impl<T> Responses<T> {
    pub fn responses(&self) -> &[T] {
        &self.0
    }
}

fn items(answer: Json) -> Items {
    Items(answer.get("Items").map(|list| list.list().iter().map(Json::item).collect()).unwrap_or_default())
}

fn responses<T>(answer: Json, made: fn(&Json) -> T) -> Responses<T> {
    Responses(answer.get("Responses").map(|list| list.list().iter().map(made).collect()).unwrap_or_default())
}

operations! {
    get_item GetItemFluentBuilder "GetItem" -> GetItemOutput, |answer| GetItemOutput(answer.get("Item").map(Json::item)); { table_name: text, key: item, consistent_read: one(bool), projection_expression: text, expression_attribute_names: names }
    query QueryFluentBuilder "Query" -> Items, items; { table_name: text, index_name: text, key_condition_expression: text, filter_expression: text, projection_expression: text, expression_attribute_names: names, expression_attribute_values: item, consistent_read: one(bool), scan_index_forward: one(bool), limit: one(i32), select: one(Select) }
    scan ScanFluentBuilder "Scan" -> Items, items; { table_name: text, index_name: text, filter_expression: text, projection_expression: text, expression_attribute_names: names, expression_attribute_values: item, consistent_read: one(bool), limit: one(i32), segment: one(i32), total_segments: one(i32), select: one(Select) }
    put_item PutItemFluentBuilder "PutItem" -> (), drop; { table_name: text, item: item, condition_expression: text, expression_attribute_names: names, expression_attribute_values: item }
    update_item UpdateItemFluentBuilder "UpdateItem" -> (), drop; { table_name: text, key: item, update_expression: text, condition_expression: text, expression_attribute_names: names, expression_attribute_values: item }
    delete_item DeleteItemFluentBuilder "DeleteItem" -> (), drop; { table_name: text, key: item, condition_expression: text, expression_attribute_names: names, expression_attribute_values: item }
    transact_write_items TransactWriteItemsFluentBuilder "TransactWriteItems" -> (), drop; { transact_items: list(TransactWriteItem) }
    execute_statement ExecuteStatementFluentBuilder "ExecuteStatement" -> Items, items; { statement: text, parameters: list(AttributeValue), consistent_read: one(bool), limit: one(i32) }
    batch_execute_statement BatchExecuteStatementFluentBuilder "BatchExecuteStatement" -> Responses<BatchStatementResponse>, |answer| responses(answer, |r| BatchStatementResponse(r.get("Item").map(Json::item), r.get("Error").map(|e| BatchStatementError(format!("{e:?}"))))); { statements: list(BatchStatementRequest) }
    execute_transaction ExecuteTransactionFluentBuilder "ExecuteTransaction" -> Responses<ItemResponse>, |answer| responses(answer, |r| ItemResponse(r.get("Item").map(Json::item))); { transact_statements: list(ParameterizedStatement) }
    create_table CreateTableFluentBuilder "CreateTable" -> (), drop; { table_name: text, attribute_definitions: list(AttributeDefinition), key_schema: list(KeySchemaElement), local_secondary_indexes: list(LocalSecondaryIndex), global_secondary_indexes: list(GlobalSecondaryIndex), billing_mode: one(BillingMode), provisioned_throughput: one(ProvisionedThroughput), on_demand_throughput: one(OnDemandThroughput), warm_throughput: one(WarmThroughput), stream_specification: one(StreamSpecification), sse_specification: one(SseSpecification), table_class: one(TableClass), deletion_protection_enabled: one(bool), tags: list(Tag) }
    update_time_to_live UpdateTimeToLiveFluentBuilder "UpdateTimeToLive" -> (), drop; { table_name: text, time_to_live_specification: one(TimeToLiveSpecification) }
    update_table UpdateTableFluentBuilder "UpdateTable" -> (), drop; { table_name: text, replica_updates: list(ReplicationGroupUpdate) }
}

/// Paginator reads all pages.
pub struct Paginator {
    client: Client,
    operation: &'static str,
    members: Members,
    ready: std::vec::IntoIter<Item>,
    more: bool,
}

impl Paginator {
    pub fn items(self) -> Self {
        self
    }

    pub fn send(self) -> Self {
        self
    }

    pub async fn next(&mut self) -> Option<Result<Item, SdkError>> {
        loop {
            if let Some(item) = self.ready.next() {
                return Some(Ok(item));
            }
            if !self.more {
                return None;
            }
            match self.client.send(self.operation, self.members.clone()) {
                Ok(page) => {
                    self.more = page.get("LastEvaluatedKey").is_some();
                    if let Some(last) = page.get("LastEvaluatedKey") {
                        self.members.set("exclusive_start_key", last.clone());
                    }
                    self.ready = items(page).0.into_iter();
                }
                Err(err) => {
                    self.more = false;
                    return Some(Err(err));
                }
            }
        }
    }
}

impl QueryFluentBuilder {
    pub fn into_paginator(self) -> Paginator {
        Paginator { client: self.client, operation: "Query", members: self.members, ready: vec![].into_iter(), more: true }
    }
}

impl ScanFluentBuilder {
    pub fn into_paginator(self) -> Paginator {
        Paginator { client: self.client, operation: "Scan", members: self.members, ready: vec![].into_iter(), more: true }
    }
}

pub mod client {
    use super::*;

    pub trait Waiters {
        fn wait_until_table_exists(&self) -> TableExistsFluentBuilder;
    }

    impl Waiters for Client {
        fn wait_until_table_exists(&self) -> TableExistsFluentBuilder {
            TableExistsFluentBuilder { client: self.clone(), members: Members::default() }
        }
    }

    pub struct TableExistsFluentBuilder {
        client: Client,
        members: Members,
    }

    impl TableExistsFluentBuilder {
        member! { table_name text }

        pub async fn wait(self, _most: std::time::Duration) -> Result<(), SdkError> {
            loop {
                let answer = self.client.send("DescribeTable", self.members.clone())?;
                let status = answer.get("Table").and_then(|t| t.get("TableStatus")).map(Json::text);
                if status.as_deref() == Some("ACTIVE") {
                    return Ok(());
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }
}
