import { expect, test } from "vitest";
import { cdkOf } from "./cdk";
import { commandOf } from "./cli";
import { cloudFormationOf } from "./cloudformation";
import { pulumiOf } from "./pulumi";
import { samples } from "./samples";
import { terraformOf } from "./terraform";

// What comes out is in testdata, where all of it is carried out, and the tables are
// compared with those of the requests: templates by a test of init hooks, commands by
// test/ui/code.spec.ts, the others by test/definition_test.go.
test.each(Object.entries(samples))("%s in all languages", async (name, wanted) => {
  await expect(`${JSON.stringify(wanted, null, 2)}\n`).toMatchFileSnapshot(`testdata/${name}.json`);
  await expect(cloudFormationOf(wanted, "us-east-1")).toMatchFileSnapshot(`testdata/${name}.yaml`);
  await expect(terraformOf(wanted)).toMatchFileSnapshot(`testdata/${name}.tf`);
  await expect(cdkOf(wanted, "us-east-1")).toMatchFileSnapshot(`testdata/${name}.cdk.txt`);
  await expect(pulumiOf(wanted)).toMatchFileSnapshot(`testdata/${name}.pulumi.txt`);
  await expect(`${commandOf(wanted, "http://localhost:4566", "us-east-1")}\n`).toMatchFileSnapshot(`testdata/${name}.sh`);
});

test("a command survives a shell", () => {
  expect(commandOf({ definition: { TableName: "it's" } }, "http://localhost:4566", "eu-west-1")).toContain(`"it'\\''s"`);
});
