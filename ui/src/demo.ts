import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";

type Item = Record<string, AttributeValue>;

// What is there to look at before one has data of one's own: a shop in one table,
// with customers, their orders and carts, and products.
export const demoTable: CreateTableCommandInput & { TableName: string } = {
  TableName: "demo-shop",
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "status", AttributeType: "S" },
    { AttributeName: "placed", AttributeType: "S" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-status",
      KeySchema: [
        { AttributeName: "status", KeyType: "HASH" },
        { AttributeName: "placed", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  Tags: [{ Key: "origin", Value: "demo" }],
};

const first = ["Ada", "Blaise", "Clara", "Dennis", "Edsger", "Frances", "Grace", "Hedy", "Ivan", "Joan", "Katherine", "Lise", "Mary", "Niklaus", "Omar"];
const last = ["Abel", "Baker", "Castro", "Diaz", "Egede", "Fischer", "Garcia", "Haddad", "Ito", "Jensen", "Kim", "Lopez", "Müller", "Novák", "Okafor"];
const cities = ["Oslo", "Lisbon", "Kraków", "Osaka", "Quito"];
const things = ["Kettle", "Lamp", "Chair", "Desk", "Clock", "Rug", "Mirror", "Shelf", "Vase", "Stool", "Basket", "Candle"];
const materials = ["oak", "brass"];
const colours = ["black", "white", "red", "green", "blue"];
const statuses = ["OPEN", "PAID", "SHIPPED", "DELIVERED", "RETURNED"];
const day = 24 * 60 * 60 * 1000;

// demoItems returns the same items for the same moment.
export function demoItems(now: number): Item[] {
  let seed = 7;
  const below = (n: number) => {
    seed = (seed * 16807) % 2147483647;
    return seed % n;
  };
  const one = (of: string[]) => of[below(of.length)] ?? "";
  const some = (of: string[], from: number) => of.slice(from % of.length, (from % of.length) + 1 + below(of.length - 1));
  const time = (ago: number) => new Date(now - ago).toISOString();
  const text = (n: number, digits: number) => String(n).padStart(digits, "0");
  const money = (cents: number) => `${Math.floor(cents / 100)}.${text(cents % 100, 2)}`;

  const products = things.flatMap((thing, i) =>
    materials.map((material, j) => ({ id: `P${text(i * materials.length + j + 1, 3)}`, title: `${thing}, ${material}`, cents: 500 + below(20_000) })),
  );
  const items: Item[] = products.map((product, i) => ({
    pk: { S: `PRODUCT#${product.id}` },
    sk: { S: "PRODUCT" },
    title: { S: product.title },
    price: { N: money(product.cents) },
    stock: { N: String(below(200)) },
    colours: { SS: some(colours, i) },
    sizes: { NS: [20, 40, 60, 80].slice(0, 1 + (i % 4)).map(String) },
    dimensions: { M: { width: { N: String(10 + below(90)) }, height: { N: String(10 + below(90)) }, unit: { S: "cm" } } },
    picture: { B: Uint8Array.from({ length: 12 }, () => below(256)) },
    discontinued: { BOOL: i % 11 === 10 },
  }));
  let orders = 0;
  first.forEach((name, i) => {
    const pk = { S: `CUSTOMER#${text(i + 1, 3)}` };
    const family = last[(i * 4) % last.length] ?? "";
    const address = { M: { street: { S: `${one(last)} street ${1 + below(120)}` }, city: { S: one(cities) }, floor: i % 3 === 0 ? { NULL: true } : { N: String(below(9)) } } };
    items.push({
      pk,
      sk: { S: "PROFILE" },
      name: { S: `${name} ${family}` },
      email: { S: `${name}.${family}@example.com`.toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "") },
      since: { S: time((300 + below(900)) * day) },
      addresses: { M: { home: address, ...(i % 2 === 0 ? { work: address } : {}) } },
      interests: { SS: some(things, i) },
      devices: { BS: [Uint8Array.from([i, 1]), Uint8Array.from([i, 2])] },
    });
    for (let n = 0; n < 7; n++) {
      orders++;
      const bought = Array.from({ length: 1 + below(3) }, () => ({ product: products[below(products.length)], quantity: 1 + below(4) }));
      items.push({
        pk,
        sk: { S: `ORDER#${text(orders, 5)}` },
        status: { S: one(statuses) },
        placed: { S: time(below(60 * day)) },
        total: { N: money(bought.reduce((sum, { product, quantity }) => sum + (product?.cents ?? 0) * quantity, 0)) },
        lines: {
          L: bought.map(({ product, quantity }) => ({
            M: { product: { S: product?.id ?? "" }, title: { S: product?.title ?? "" }, quantity: { N: String(quantity) }, gift: { BOOL: below(5) === 0 } },
          })),
        },
        ship: address,
      });
    }
    for (let n = 0; n < 4; n++) {
      items.push({
        pk,
        sk: { S: `CART#${text(n + 1, 2)}` },
        product: { S: products[below(products.length)]?.id ?? "" },
        quantity: { N: String(1 + below(3)) },
        // Within a month: what has expired could be gone before it was seen.
        expires: { N: String(Math.floor(now / 1000) + 3600 + below(30 * 24 * 3600)) },
      });
    }
  });
  return items;
}

// loadDemo makes the table and fills it, and tells how many of its items are written.
export async function loadDemo(client: DynamoDBClient, progress: (written: number, of: number) => void): Promise<number> {
  const { TableName } = demoTable;
  await client.send(new CreateTableCommand(demoTable));
  while ((await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus !== "ACTIVE") {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: "expires" } }));
  const items = demoItems(Date.now());
  let rest: WriteRequest[] = items.map((Item) => ({ PutRequest: { Item } }));
  while (rest.length > 0) {
    progress(items.length - rest.length, items.length);
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: rest.slice(0, 25) } }));
    rest = [...(UnprocessedItems?.[TableName] ?? []), ...rest.slice(25)];
  }
  return items.length;
}
