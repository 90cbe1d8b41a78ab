import type { Definition } from "./wanted";

// A Problem is what is wrong with a text, and where: lines and columns count from 1.
export interface Problem {
  message: string;
  offset: number;
  line: number;
  column: number;
}

export interface Read {
  definition?: Definition; // none of a text that is no JSON
  problems: Problem[];
}

type Shape = "string" | "number" | "boolean" | readonly [Shape] | { readonly [member: string]: Shape };

const key: Shape = [{ AttributeName: "string", KeyType: "string" }];
const projection: Shape = { ProjectionType: "string", NonKeyAttributes: ["string"] };
const provisioned: Shape = { ReadCapacityUnits: "number", WriteCapacityUnits: "number" };
const onDemand: Shape = { MaxReadRequestUnits: "number", MaxWriteRequestUnits: "number" };
const warm: Shape = { ReadUnitsPerSecond: "number", WriteUnitsPerSecond: "number" };
const index = { IndexName: "string", KeySchema: key, Projection: projection } as const;

// What a CreateTable request may have that stator builds.
const createTable = {
  AttributeDefinitions: [{ AttributeName: "string", AttributeType: "string" }],
  TableName: "string",
  KeySchema: key,
  LocalSecondaryIndexes: [index],
  GlobalSecondaryIndexes: [{ ...index, ProvisionedThroughput: provisioned, OnDemandThroughput: onDemand, WarmThroughput: warm }],
  BillingMode: "string",
  ProvisionedThroughput: provisioned,
  StreamSpecification: { StreamEnabled: "boolean", StreamViewType: "string" },
  SSESpecification: { Enabled: "boolean", SSEType: "string", KMSMasterKeyId: "string" },
  Tags: [{ Key: "string", Value: "string" }],
  TableClass: "string",
  DeletionProtectionEnabled: "boolean",
  WarmThroughput: warm,
  ResourcePolicy: "string",
  OnDemandThroughput: onDemand,
} as const satisfies Shape;

// readDefinition reads a CreateTable request. It looks at the shape of it only: the
// rest is the server's to say.
export function readDefinition(text: string): Read {
  const places = new Map<string, number>();
  const problems: Problem[] = [];
  const tell = (message: string, offset: number) => problems.push({ message, offset, ...lineAt(text, offset) });
  let json: unknown;
  try {
    json = new Reader(text, places).all();
  } catch (err) {
    if (!(err instanceof NotJSON)) throw err;
    tell(err.message, err.offset);
    return { problems };
  }
  check(json, createTable, "", "The request", (message, path) => tell(message, places.get(path) ?? 0));
  return problems.length > 0 ? { problems } : { definition: json as Definition, problems };
}

function lineAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const kinds = { string: "a text", number: "a number", boolean: "true or false" };

function check(json: unknown, shape: Shape, path: string, name: string, tell: (message: string, path: string) => void) {
  if (typeof shape === "string") {
    if (typeof json !== shape) tell(`${name} must be ${kinds[shape as keyof typeof kinds]}`, path);
  } else if (Array.isArray(shape)) {
    if (!Array.isArray(json)) return tell(`${name} must be a list`, path);
    json.forEach((member, i) => check(member, (shape as readonly [Shape])[0], `${path}/${i}`, `What is in ${name}`, tell));
  } else {
    if (typeof json !== "object" || json === null || Array.isArray(json)) return tell(`${name} must be an object`, path);
    const members = shape as { readonly [member: string]: Shape };
    for (const [member, value] of Object.entries(json)) {
      const expected = Object.hasOwn(members, member) ? members[member] : undefined;
      if (expected) check(value, expected, `${path}/${member}`, member, tell);
      else tell(`${path === "" ? "CreateTable" : path.slice(1).replace(/\/\d+$/, "").replaceAll(/\/\d+/g, "")} has nothing called ${member} here`, `${path}/${member}`);
    }
  }
}

class NotJSON extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

// A Reader is a JSON parser that knows where it found what: the paths of members,
// such as /KeySchema/0/KeyType, lead to offsets.
class Reader {
  readonly #text: string;
  readonly #places: Map<string, number>;
  #at = 0;

  constructor(text: string, places: Map<string, number>) {
    this.#text = text;
    this.#places = places;
  }

  all(): unknown {
    const value = this.#value("");
    this.#skip();
    if (this.#at < this.#text.length) throw this.#wrong("Something follows the end");
    return value;
  }

  #wrong(message: string, at = this.#at): NotJSON {
    return new NotJSON(message, at);
  }

  #skip() {
    while (/[ \t\r\n]/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  // next takes a character if it is the one that is looked for.
  #next(c: string): boolean {
    this.#skip();
    if (this.#text.charAt(this.#at) !== c) return false;
    this.#at++;
    return true;
  }

  #value(path: string): unknown {
    this.#skip();
    this.#places.set(path, this.#at);
    switch (this.#text.charAt(this.#at)) {
      case "{":
        return this.#object(path);
      case "[":
        return this.#list(path);
      case '"':
        return this.#string();
      case "":
        throw this.#wrong("The text ends too early");
      default:
        return this.#word();
    }
  }

  #object(path: string): unknown {
    this.#at++;
    const members = new Map<string, unknown>();
    if (this.#next("}")) return {};
    do {
      this.#skip();
      const at = this.#at;
      if (this.#text.charAt(at) !== '"') throw this.#wrong(at < this.#text.length ? "Here must be a name in double quotes" : "The text ends too early");
      const name = this.#string();
      if (members.has(name)) throw this.#wrong(`${name} is there twice`, at);
      if (!this.#next(":")) throw this.#wrong("Here must be a colon");
      members.set(name, this.#value(`${path}/${name}`));
      this.#places.set(`${path}/${name}`, at);
    } while (this.#next(","));
    if (!this.#next("}")) throw this.#wrong("Here must be a comma or }");
    return Object.fromEntries(members);
  }

  #list(path: string): unknown[] {
    this.#at++;
    const list: unknown[] = [];
    if (this.#next("]")) return list;
    do {
      list.push(this.#value(`${path}/${list.length}`));
    } while (this.#next(","));
    if (!this.#next("]")) throw this.#wrong("Here must be a comma or ]");
    return list;
  }

  #string(): string {
    const found = /"(?:[^"\\\n]|\\.)*"/y;
    found.lastIndex = this.#at;
    const raw = found.exec(this.#text)?.[0];
    if (raw === undefined) throw this.#wrong("The quotes are not closed on this line");
    const at = this.#at;
    this.#at += raw.length;
    try {
      return JSON.parse(raw) as string;
    } catch {
      throw this.#wrong("Something in this text must be written with \\ otherwise", at);
    }
  }

  #word(): unknown {
    const found = /[^\s,:{}[\]"]+/y;
    found.lastIndex = this.#at;
    const word = found.exec(this.#text)?.[0] ?? "";
    if (word !== "") {
      try {
        const value: unknown = JSON.parse(word);
        this.#at += word.length;
        return value;
      } catch {
        // said below
      }
    }
    throw this.#wrong(word === "" ? `Here must be a value, not ${this.#text.charAt(this.#at)}` : `${word} is no JSON`);
  }
}
