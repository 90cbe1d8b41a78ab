import{r as e}from"./rolldown-runtime.js";import{I as t,L as n,Mt as r,P as i,R as a,S as o,j as s,n as c,t as l,u,x as d}from"./index.js";import{i as f,n as p,r as m,t as h}from"./dist3.js";import{n as g,t as _}from"./jsx-runtime.js";import{t as v}from"./admin.js";import{a as y,n as b}from"./server.js";import{t as x}from"./clock.js";var S=e(g(),1);function C(e){return e===b.account?`test`:e}function w(e,{account:t,region:n}){let r=C(t);return[{name:`Variables`,needs:`All SDKs and the AWS CLI read these.`,text:`export AWS_ENDPOINT_URL=${e}
export AWS_ACCESS_KEY_ID=${r}
export AWS_SECRET_ACCESS_KEY=test
export AWS_REGION=${n} AWS_DEFAULT_REGION=${n}`},{name:`AWS CLI`,text:`AWS_ACCESS_KEY_ID=${r} AWS_SECRET_ACCESS_KEY=test aws dynamodb list-tables --endpoint-url ${e} --region ${n}`},{name:`Python`,needs:`pip install boto3`,text:`import boto3

dynamodb = boto3.client(
    "dynamodb",
    endpoint_url="${e}",
    region_name="${n}",
    aws_access_key_id="${r}",
    aws_secret_access_key="test",
)
for page in dynamodb.get_paginator("list_tables").paginate():
    for name in page["TableNames"]:
        print(name)`},{name:`JavaScript`,needs:`npm install @aws-sdk/client-dynamodb`,text:`import { DynamoDBClient, paginateListTables } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({
  endpoint: "${e}",
  region: "${n}",
  credentials: { accessKeyId: "${r}", secretAccessKey: "test" },
});
for await (const { TableNames } of paginateListTables({ client }, {})) {
  for (const name of TableNames ?? []) console.log(name);
}`},{name:`Go`,needs:`go get github.com/aws/aws-sdk-go-v2/service/dynamodb github.com/aws/aws-sdk-go-v2/credentials`,text:`package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func main() {
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String("${e}"),
		Region:       "${n}",
		Credentials:  credentials.NewStaticCredentialsProvider("${r}", "test", ""),
	})
	pages := dynamodb.NewListTablesPaginator(client, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		for _, name := range page.TableNames {
			fmt.Println(name)
		}
	}
}`},{name:`Java`,needs:`software.amazon.awssdk:dynamodb, version 2`,text:`import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

public class Tables {
    public static void main(String[] args) {
        try (DynamoDbClient client = DynamoDbClient.builder()
                .endpointOverride(URI.create("${e}"))
                .region(Region.of("${n}"))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("${r}", "test")))
                .build()) {
            client.listTablesPaginator().tableNames().forEach(System.out::println);
        }
    }
}`},{name:`.NET`,needs:`dotnet add package AWSSDK.DynamoDBv2. The tests of stator do not run this one.`,text:`using Amazon.DynamoDBv2;

var client = new AmazonDynamoDBClient("${r}", "test", new AmazonDynamoDBConfig
{
    ServiceURL = "${e}",
    AuthenticationRegion = "${n}",
});
foreach (var name in (await client.ListTablesAsync()).TableNames ?? [])
{
    Console.WriteLine(name);
}`},{name:`Rust`,needs:`cargo add aws-config aws-sdk-dynamodb && cargo add tokio --features full. The tests of stator do not run this one.`,text:`use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::{config::Credentials, Client, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url("${e}")
        .region(Region::new("${n}"))
        .credentials_provider(Credentials::new("${r}", "test", None, None, "static"))
        .load()
        .await;
    for name in Client::new(&config).list_tables().send().await?.table_names() {
        println!("{name}");
    }
    Ok(())
}`},{name:`Terraform`,needs:`The tests of stator do not run this one.`,text:`provider "aws" {
  region                      = "${n}"
  access_key                  = "${r}"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    dynamodb = "${e}"
  }
}`}]}function T({account:e,region:t}){if(!/^\d{12}$/.test(e))return`An account has 12 digits.`;if(!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(t))return`A region is called like us-east-1.`}var E=_();function D(){let e=r({queryKey:[`config`],queryFn:({signal:e})=>v(`GET`,`/_admin/config`,void 0,e)}),t=t=>e.isError?(0,E.jsx)(s,{title:t,message:y(e.error),children:(0,E.jsx)(a,{onClick:()=>void e.refetch(),children:`Try again`})}):(0,E.jsx)(o,{rows:4});return(0,E.jsxs)(`div`,{className:`flex min-w-0 flex-col gap-4`,children:[(0,E.jsxs)(`div`,{children:[(0,E.jsx)(`h1`,{className:`text-xl font-semibold`,children:`Settings`}),(0,E.jsx)(`p`,{className:`mt-1 text-muted`,children:`The browser makes no request to anyone but this server.`})]}),(0,E.jsx)(d,{title:`Server`,children:e.data?(0,E.jsx)(O,{config:e.data}):t(`The server does not tell what it is`)}),(0,E.jsx)(k,{}),(0,E.jsx)(x,{}),(0,E.jsxs)(`div`,{className:`grid gap-4 xl:grid-cols-2`,children:[(0,E.jsx)(d,{title:`Theme`,children:(0,E.jsx)(j,{})}),(0,E.jsxs)(d,{title:`Keys`,children:[(0,E.jsx)(u,{}),(0,E.jsx)(`p`,{className:`mt-3 text-muted`,children:`The pages of a table have more: press ? there.`})]})]}),(0,E.jsx)(d,{title:`Options of the server`,children:e.data?(0,E.jsx)(P,{options:e.data.options}):t(`The options cannot be read`)}),(0,E.jsx)(F,{})]})}function O({config:e}){let t=[[`Version`,`stator ${e.version}, ${e.go}, ${e.platform}`],[`Tables are kept`,e.store===`memory`?`in memory: they are gone when it ends`:e.data],[`Listens at`,e.endpoints.join(`, `)],[`For clients`,e.clients]];return(0,E.jsxs)(E.Fragment,{children:[(0,E.jsx)(`dl`,{className:`grid grid-cols-[auto_1fr] gap-x-6 gap-y-1`,children:t.map(([e,t])=>(0,E.jsxs)(`div`,{className:`contents`,children:[(0,E.jsx)(`dt`,{className:`text-muted`,children:e}),(0,E.jsx)(`dd`,{className:`break-all`,children:t})]},e))}),e.warnings.length>0?(0,E.jsx)(`ul`,{className:`mt-3 list-disc rounded-md border border-line bg-raised py-2 pe-3 ps-8`,children:e.warnings.map(e=>(0,E.jsx)(`li`,{children:e},e))}):null]})}function k(){let[e,r]=(0,S.useState)(b.account),[i,a]=(0,S.useState)(b.region),o={account:e.trim(),region:i.trim()},s=T(o),c=w(window.location.origin,s?b:o);return(0,E.jsxs)(d,{title:`Connect a program`,children:[(0,E.jsxs)(`p`,{className:`mb-3 max-w-prose text-muted`,children:[`The access key says whose tables they are: the number of the account, or anything else for `,b.account,`. Secrets are not looked at. The browser itself asks with the account’s number.`]}),(0,E.jsxs)(`div`,{className:`mb-3 flex max-w-xl flex-col gap-3 sm:flex-row`,children:[(0,E.jsx)(t,{label:`Account`,inputMode:`numeric`,value:e,onChange:e=>r(e.target.value)}),(0,E.jsx)(t,{label:`Region`,value:i,onChange:e=>a(e.target.value)})]}),s?(0,E.jsx)(`p`,{role:`alert`,className:`text-danger`,children:s}):(0,E.jsxs)(h,{defaultValue:c[0]?.name,children:[(0,E.jsx)(m,{className:`mb-2 flex flex-wrap gap-1`,"aria-label":`Language`,children:c.map(({name:e})=>(0,E.jsx)(f,{value:e,className:`cursor-pointer rounded-md px-2.5 py-1.5 font-medium text-muted hover:bg-raised data-[state=active]:bg-raised data-[state=active]:text-ink`,children:e},e))}),c.map(({name:e,needs:t,text:r})=>(0,E.jsxs)(p,{value:e,tabIndex:-1,children:[t?(0,E.jsx)(`p`,{className:`mb-2 text-muted`,children:t}):null,(0,E.jsx)(n,{label:`code for ${e}`,text:r})]},e))]})]})}var A={system:`As the system has it`,light:`Light`,dark:`Dark`};function j(){let[e,t]=c();return(0,E.jsxs)(`fieldset`,{className:`flex flex-col gap-2`,children:[(0,E.jsx)(`legend`,{className:`sr-only`,children:`Theme`}),l.map(n=>(0,E.jsxs)(`label`,{className:`flex cursor-pointer items-center gap-2.5`,children:[(0,E.jsx)(`input`,{type:`radio`,name:`theme`,className:`size-4 accent-accent`,checked:e===n,onChange:()=>t(n)}),A[n]]},n))]})}var M=`px-3 py-2 text-start font-medium whitespace-nowrap`,N=`px-3 py-2 align-top`;function P({options:e}){let[n,r]=(0,S.useState)(``),[a,o]=(0,S.useState)(!1),s=n.trim().toLowerCase(),c=e.filter(e=>(!a||e.source!=="default")&&[e.name,e.description,...e.variables].some(e=>e.toLowerCase().includes(s))),l=e.filter(e=>e.source!=="default").length;return(0,E.jsxs)(E.Fragment,{children:[(0,E.jsx)(`p`,{className:`mb-3 max-w-prose text-muted`,children:`As they were when it began: what a flag, a variable, a file or a profile has set, and by which. They are changed where they are set, and hold after a restart.`}),(0,E.jsxs)(`div`,{className:`mb-3 flex flex-wrap items-center gap-x-6 gap-y-3`,children:[(0,E.jsx)(`div`,{className:`w-72`,children:(0,E.jsx)(t,{hidden:!0,label:`Find an option`,placeholder:`Find an option or variable`,type:`search`,value:n,onChange:e=>r(e.target.value)})}),(0,E.jsx)(i,{label:`Only what is set (${l})`,checked:a,onChange:e=>o(e.target.checked)})]}),c.length===0?(0,E.jsx)(`p`,{className:`py-6 text-center text-muted`,children:a&&s===``?`Nothing is set: all is as it is by default.`:`There is no such option.`}):(0,E.jsx)(`div`,{role:`region`,tabIndex:0,"aria-label":`Options`,className:`max-h-[32rem] overflow-auto rounded-md border border-line`,children:(0,E.jsxs)(`table`,{className:`w-full border-collapse`,children:[(0,E.jsx)(`thead`,{className:`sticky top-0 bg-panel text-muted`,children:(0,E.jsxs)(`tr`,{className:`border-b border-line`,children:[(0,E.jsx)(`th`,{className:M,children:`Option`}),(0,E.jsx)(`th`,{className:M,children:`Value`}),(0,E.jsx)(`th`,{className:M,children:`Set by`}),(0,E.jsx)(`th`,{className:M,children:`What it does`})]})}),(0,E.jsx)(`tbody`,{children:c.map(e=>(0,E.jsxs)(`tr`,{className:`border-b border-line last:border-0`,children:[(0,E.jsxs)(`th`,{scope:`row`,className:`${N} text-start font-mono text-[13px] font-medium whitespace-nowrap`,children:[`--`,e.name]}),(0,E.jsx)(`td`,{className:`${N} max-w-72 min-w-24 font-mono text-[13px] break-words`,children:e.value||(0,E.jsx)(`span`,{className:`font-sans text-muted`,children:`nothing`})}),(0,E.jsx)(`td`,{className:`${N} min-w-24 break-words ${e.source==="default"?`text-muted`:`font-medium`}`,children:e.origin}),(0,E.jsxs)(`td`,{className:`${N} min-w-64 text-muted`,children:[e.description.replaceAll("`",``),e.source!=="default"&&e.default?` By default: ${e.default}.`:``,e.variables.length>0?(0,E.jsx)(`span`,{className:`mt-1 block font-mono text-xs break-words`,children:e.variables.map(e=>`$${e}`).join(` `)}):null]})]},e.name))})]})})]})}function F(){let[e,t]=(0,S.useState)(!1),n=r({queryKey:[`licences`],enabled:e,staleTime:1/0,queryFn:async({signal:e})=>{let t=await fetch(`./licences.txt`,{signal:e}),n=await t.text();if(!t.ok)throw Error(n);return n}});return(0,E.jsxs)(d,{title:`Licences`,actions:(0,E.jsx)(a,{"aria-expanded":e,onClick:()=>t(!e),children:e?`Hide them`:`Show them`}),children:[(0,E.jsx)(`p`,{className:`text-muted`,children:`Of the libraries that are built into the browser.`}),e&&n.isPending?(0,E.jsx)(o,{rows:4}):null,e&&n.isError?(0,E.jsx)(s,{title:`The licences cannot be read`,message:y(n.error),children:(0,E.jsx)(a,{onClick:()=>void n.refetch(),children:`Try again`})}):null,e&&n.data?(0,E.jsx)(`pre`,{tabIndex:0,"aria-label":`Licences`,className:`mt-3 max-h-96 overflow-auto rounded-md border border-line bg-raised p-3 font-mono text-xs whitespace-pre-wrap`,children:n.data}):null]})}export{D as Settings};