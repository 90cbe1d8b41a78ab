// node pulumi.mjs FILE.js... runs programs of Pulumi, and prints what each asks for:
// {"FILE": [{"type", "inputs"}, …]}. ARNs are those that the tests know.
import { basename, resolve } from "node:path";
import pulumi from "@pulumi/pulumi";

const account = "222222222222";
const all = {};
let asked = [];
await pulumi.runtime.setMocks({
  newResource({ type, name, inputs }) {
    asked.push({ type, inputs });
    return { id: name, state: { ...inputs, arn: `arn:aws:dynamodb:us-east-1:${account}:table/${inputs.name}` } };
  },
  call({ token, inputs }) {
    if (token !== "aws:kms/getKey:getKey") throw new Error(`${token} is not known`);
    return { ...inputs, arn: `arn:aws:kms:us-east-1:${account}:key/${inputs.keyId}` };
  },
});
for (const file of process.argv.slice(2)) {
  await import(resolve(file));
  await pulumi.runtime.waitForRPCs();
  all[basename(file, ".js")] = asked;
  asked = [];
}
console.log(JSON.stringify(all));
