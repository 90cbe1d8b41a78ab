import { expect, test } from "vitest";
import { readDefinition } from "./read";
import { samples } from "./samples";

test.each(Object.entries(samples))("reads what it is given: %s", (_, { definition }) => {
  expect(readDefinition(JSON.stringify(definition, null, 2))).toEqual({ definition, problems: [] });
});

test.each([
  ['{\n  "TableName": "t",\n  "KeySchema" []\n}', 3, 15, "Here must be a colon"],
  ['{"TableName": "t"', 1, 18, "Here must be a comma or }"],
  ['{"TableName": "t",}', 1, 19, "Here must be a name in double quotes"],
  ['{"TableName": tt}', 1, 15, "tt is no JSON"],
  ['{"TableName": }', 1, 15, "Here must be a value, not }"],
  ['{"TableName": "t\n"}', 1, 15, "The quotes are not closed on this line"],
  ["", 1, 1, "The text ends too early"],
  ['{} {}', 1, 4, "Something follows the end"],
  ['{"TableName": "t", "TableName": "u"}', 1, 20, "TableName is there twice"],
  ['{"TableNam": "t"}', 1, 2, "CreateTable has nothing called TableNam here"],
  ['{"KeySchema": [{"AttributeName": "a"},\n {"Name": "b"}]}', 2, 3, "KeySchema has nothing called Name here"],
  ['{"KeySchema": {}}', 1, 2, "KeySchema must be a list"],
  ['{"ProvisionedThroughput": {"ReadCapacityUnits": "5"}}', 1, 28, "ReadCapacityUnits must be a number"],
  ['{"Tags": [1]}', 1, 11, "What is in Tags must be an object"],
  ['{"constructor": 1}', 1, 2, "CreateTable has nothing called constructor here"],
  ["[]", 1, 1, "The request must be an object"],
])("tells what is wrong and where: %s", (text, line, column, message) => {
  expect(readDefinition(text).problems).toMatchObject([{ line, column, message }]);
});

test("numbers, escapes and blanks are JSON's", () => {
  expect(readDefinition('\n {"TableName" :"\\u00e9\\"\\n", "ProvisionedThroughput":{"ReadCapacityUnits":1e2}, "DeletionProtectionEnabled": false } ')).toEqual({
    definition: { TableName: 'é"\n', ProvisionedThroughput: { ReadCapacityUnits: 100 }, DeletionProtectionEnabled: false },
    problems: [],
  });
});
