import { describe, expect, it } from "vitest";
import type { ListedTable } from "../server";
import { best, likely, placesOf, prefixOf, rowsOf } from "./tables";

function table(name: string, region = "us-east-1", account = "000000000000"): ListedTable {
  return { account, region, name, arn: "", status: "ACTIVE", created: "", billingMode: "PAY_PER_REQUEST", class: "STANDARD", items: 0, bytes: 0, globalIndexes: 0, localIndexes: 0 };
}

const none = new Set<string>();
const many = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => table(`${prefix}${String(i).padStart(2, "0")}`));

// shape writes rows so that they can be read.
const shape = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((r) => (r.kind === "heading" ? `# ${r.text}` : r.kind === "group" ? `${r.open ? "v" : ">"} ${r.prefix} ${r.tables}` : `${r.indented ? "  " : ""}${r.table.name}${r.place ? ` (${r.place})` : ""}`));

describe("best", () => {
  const names = ["prod-orders", "orders", "dev-orders-archive", "users", "o-r-d-e-r-s"];
  it("takes what is typed as it is before letters that are apart", () => {
    expect(best("orders", names, (n) => n)).toEqual(["orders", "dev-orders-archive", "prod-orders", "o-r-d-e-r-s"]);
  });
  it("finds letters in their order", () => {
    expect(best("prs", names, (n) => n)).toEqual(["prod-orders"]);
    expect(best("srp", names, (n) => n)).toEqual([]);
  });
  it("does not mind case or spaces around", () => {
    expect(best(" USERS ", names, (n) => n)).toEqual(["users"]);
    expect(best("  ", names, (n) => n)).toEqual(names);
  });
});

describe("rowsOf", () => {
  it("shows a few tables as they are", () => {
    expect(shape(rowsOf([table("b"), table("a")], "", none, none))).toEqual(["a", "b"]);
  });
  it("has what is pinned first", () => {
    const pinned = new Set(["000000000000/us-east-1/b"]);
    expect(shape(rowsOf([table("a"), table("b")], "", pinned, none))).toEqual(["# Pinned", "b", "# Others", "a"]);
    expect(shape(rowsOf([table("b")], "", pinned, none))).toEqual(["# Pinned", "b"]);
  });
  it("groups many tables whose names begin alike", () => {
    const rows = shape(rowsOf([...many("prod-", 30), table("alone"), table("x-1"), table("x-2")], "", none, new Set(["group prod-"])));
    expect(rows).toEqual(["alone", "> prod- 30", "x-1", "x-2"]);
  });
  it("shows the best first when something is typed, and no groups", () => {
    expect(shape(rowsOf([...many("prod-", 30)], "prod-07", none, new Set(["group prod-"])))[0]).toBe("prod-07");
  });
  it("tells places apart", () => {
    const tables = [table("a", "eu-west-1"), table("a"), table("b")];
    const placeOf = (p: { region: string }) => p.region;
    expect(shape(rowsOf(tables, "", none, none, placeOf))).toEqual(["# eu-west-1", "a", "# us-east-1", "a", "b"]);
    expect(shape(rowsOf(tables, "a", none, none, placeOf))).toEqual(["a (eu-west-1)", "a (us-east-1)"]);
    expect(new Set(rowsOf(tables, "", none, none, placeOf).map((r) => r.id)).size).toBe(5);
  });
});

it("counts the tables of places", () => {
  expect(placesOf([table("a"), table("b"), table("a", "eu-west-1")])).toEqual([
    { account: "000000000000", region: "eu-west-1", tables: 1 },
    { account: "000000000000", region: "us-east-1", tables: 2 },
  ]);
});

it("knows where a name's first part ends", () => {
  expect(["prod-orders", "a.b-c", "plain", "-x", ""].map(prefixOf)).toEqual(["prod-", "a.", "", "", ""]);
});

it("knows a table by the name of an attribute", () => {
  expect(likely("customerId", "prod-customers")).toBe(true);
  expect(likely("customer_id", "Customer")).toBe(true);
  expect(likely("customers", "customer")).toBe(true);
  expect(likely("id", "ideas")).toBe(false);
  expect(likely("orderId", "customers")).toBe(false);
});
