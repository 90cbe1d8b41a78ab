import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const works = (program: string, ...args: string[]) => {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const pythons = ["python3", "/usr/bin/python3"].find((name) => works(name, "-c", "import boto3"));

// Of programs with values version 2 of the AWS CLI runs, if it is there: version 1 takes
// no base64.
const aws = ["aws", "/usr/bin/aws"].find((name) => works("bash", "-c", `${name} --version 2>&1 | grep -q aws-cli/2`)) ?? "aws";

// The SDK for Java, which scripts/install-test-tools.sh gets.
const jars = join(import.meta.dirname, ".build", "java");

interface Output {
  stdout: string;
}

// A Server is whom statements, which say nothing of that, are for.
export interface Server {
  url: string;
  region: string;
  account: string;
}

interface Language {
  there: boolean;
  run: (text: string, dir: string, server?: Server) => Promise<Output>;
  // build makes many programs at once, where that takes long, and returns what runs each.
  build?: (texts: string[], dir: string) => Promise<(() => Promise<Output>)[]>;
}

const drivers = new Set<ChildProcess>();

// driven starts a program that runs one thing after another, each when its name is said
// to it, and says with a zero byte that it is done.
async function driven(command: string, args: string[], cwd: string): Promise<(name: string) => Promise<Output>> {
  const driver = spawn(command, args, { cwd, stdio: "pipe" });
  drivers.add(driver);
  let [out, err, ended] = ["", "", false];
  let look = () => {};
  driver.stdout.on("data", (text) => { out += text; look(); });
  driver.stderr.on("data", (text) => { err += text; });
  driver.on("close", () => { ended = true; look(); });
  return (name) =>
    new Promise((resolve, reject) => {
      look = () => {
        const end = out.indexOf("\0");
        if (end >= 0) {
          resolve({ stdout: out.slice(0, end) });
          out = out.slice(end + 1);
        } else if (ended) reject(Object.assign(new Error(`${command} has ended`), { stderr: err }));
      };
      driver.stdin.write(`${name}\n`);
      look();
    });
}

const python: Language = {
  there: pythons !== undefined,
  run: (text, cwd) => run(pythons ?? "", ["-c", text], { cwd }),
  build: async (texts, cwd) => {
    for (const [i, text] of texts.entries()) writeFileSync(join(cwd, `p${i}.py`), text);
    const next = await driven(pythons ?? "", ["-c", 'import sys\nfor name in sys.stdin: exec(open(name.strip()).read(), {}); print("\\0", end="", flush=True)'], cwd);
    return texts.map((_, i) => () => next(`p${i}.py`));
  },
};
const javascript: Language = {
  there: true,
  run: (text, cwd) => {
    writeFileSync(join(cwd, "code.mjs"), text);
    return run(process.execPath, ["code.mjs"], { cwd });
  },
};
const go: Language = {
  there: works("go", "version"),
  run: (text, cwd) => {
    writeFileSync(join(cwd, "code.go"), text);
    return run("go", ["run", "code.go"], { cwd });
  },
  build: async (texts, cwd) => {
    // They are linked together: that takes longest.
    const at = `github.com/statordb/stator/test/ui/${basename(cwd)}`;
    for (const [i, text] of texts.entries()) {
      mkdirSync(join(cwd, `p${i}`));
      writeFileSync(join(cwd, `p${i}`, "p.go"), text.replace("package main\n", `package p${i}\n`).replace("func main()", "func Main()"));
    }
    writeFileSync(join(cwd, "all.go"), `package main\n\nimport (\n\t"os"\n${texts.map((_, i) => `\t"${at}/p${i}"\n`).join("")})\n\nfunc main() {\n\tmap[string]func(){${texts.map((_, i) => `"p${i}": p${i}.Main`).join(", ")}}[os.Args[1]]()\n}\n`);
    await run("go", ["build", "-o", "all", "."], { cwd });
    return texts.map((_, i) => () => run(join(cwd, "all"), [`p${i}`], { cwd }));
  },
};
const java: Language = {
  there: works("javac", "-version") && existsSync(jars),
  run: (text, cwd) => {
    writeFileSync(join(cwd, "Main.java"), text);
    return run("java", ["-cp", `${jars}/*`, "Main.java"], { cwd });
  },
  build: async (texts, cwd) => {
    for (const [i, text] of texts.entries()) {
      mkdirSync(join(cwd, `p${i}`));
      writeFileSync(join(cwd, `p${i}`, "Main.java"), `package p${i};\n${text}`);
    }
    writeFileSync(
      join(cwd, "All.java"),
      `public class All {
  public static void main(String[] args) throws Exception {
    for (var in = new java.util.Scanner(System.in); in.hasNextLine(); System.out.print('\\0')) {
      Class.forName(in.nextLine() + ".Main").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    }
  }
}
`,
    );
    await run("javac", ["-cp", `${jars}/*`, "-d", "bin", "All.java", ...texts.map((_, i) => `p${i}/Main.java`)], { cwd });
    const next = await driven("java", ["-cp", `bin:${jars}/*`, "All"], cwd);
    return texts.map((_, i) => () => next(`p${i}`));
  },
};
const php: Language = {
  there: works("php", "--version"),
  run: (text, cwd) => {
    mkdirSync(join(cwd, "vendor"), { recursive: true });
    writeFileSync(join(cwd, "vendor", "autoload.php"), `<?php require ${JSON.stringify(join(import.meta.dirname, "standins", "php", "sdk.php"))};`);
    writeFileSync(join(cwd, "code.php"), text);
    return run("php", ["-d", "error_reporting=-1", "-d", "display_errors=stderr", "code.php"], { cwd });
  },
};
// It is compiled by Mono's older compiler, which knows no statements without a class.
const dotnet: Language = {
  there: works("mcs", "--version") && works("mono", "--version"),
  run: async (text, cwd) => (await (await builtDotnet([text], cwd))[0]?.()) ?? { stdout: "" },
  build: builtDotnet,
};

async function builtDotnet(texts: string[], cwd: string): Promise<(() => Promise<Output>)[]> {
  for (const [i, text] of texts.entries()) {
    const [uses = ""] = text.match(/^(using .*\n)*/) ?? [];
    writeFileSync(join(cwd, `p${i}.cs`), `namespace P${i}\n{\n${uses}class Program { public static async System.Threading.Tasks.Task Main() {\n${text.slice(uses.length)}}}\n}\n`);
  }
  writeFileSync(
    join(cwd, "All.cs"),
    `class All {
  static void Main() {
    for (string name; (name = System.Console.ReadLine()) != null; System.Console.Write('\\0')) {
      ((System.Threading.Tasks.Task)System.Type.GetType(name + ".Program").GetMethod("Main").Invoke(null, null)).GetAwaiter().GetResult();
    }
  }
}
`,
  );
  const sdk = join(import.meta.dirname, "standins", "dotnet", "Sdk.cs");
  await run("mcs", ["-langversion:latest", "-main:All", "-r:System.Core.dll", "-out:all.exe", "All.cs", sdk, ...texts.map((_, i) => `p${i}.cs`)], { cwd });
  const next = await driven("mono", ["all.exe"], cwd);
  return texts.map((_, i) => () => next(`P${i}`));
}
// Programs are modules of one, without the crate that has main wait for what is to come:
// nothing is, with the stand-in.
const rust: Language = {
  there: works("rustc", "--version") && works("cc", "--version"),
  run: async (text, cwd) => (await (await builtRust([text], cwd))[0]?.()) ?? { stdout: "" },
  build: builtRust,
};

async function builtRust(texts: string[], cwd: string): Promise<(() => Promise<Output>)[]> {
  for (const [i, text] of texts.entries()) writeFileSync(join(cwd, `p${i}.rs`), text.replace("#[tokio::main]\nasync fn main()", "pub async fn main()"));
  writeFileSync(
    join(cwd, "all.rs"),
    `use std::{future::Future, sync::Arc, task::{Context, Poll, Wake}};

${texts.map((_, i) => `mod p${i};\n`).join("")}
struct Awake;

impl Wake for Awake {
    fn wake(self: Arc<Self>) {}
}

fn done(program: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
    match Box::pin(program).as_mut().poll(&mut Context::from_waker(&Arc::new(Awake).into())) {
        Poll::Ready(result) => result.unwrap(),
        Poll::Pending => panic!("it waits"),
    }
}

fn main() {
    match std::env::args().nth(1).as_deref() {
${texts.map((_, i) => `        Some("p${i}") => done(p${i}::main()),\n`).join("")}        _ => panic!(),
    }
}
`,
  );
  const options = ["--edition", "2021", "-C", "debuginfo=0", "-L", "."];
  await run("rustc", [...options, "--crate-type", "rlib", join(import.meta.dirname, "standins", "rust", "aws_sdk_dynamodb.rs")], { cwd });
  await run("rustc", [...options, "-D", "unused-imports", "--extern", "aws_sdk_dynamodb=libaws_sdk_dynamodb.rlib", "all.rs"], { cwd });
  return texts.map((_, i) => () => run(join(cwd, "all"), [`p${i}`], { cwd }));
}

// How code in each language is run in a directory that inDirectory makes. It finds the SDKs of the tests.
export const languages: Record<string, Language> = {
  "AWS CLI": {
    there: works("aws", "--version"),
    run: (text, cwd) => run("bash", ["-c", text], { cwd, env: { ...process.env, AWS_PAGER: "" } }),
    build: async (texts, cwd) => texts.map((text) => () => run("bash", ["-c", text], { cwd, env: { ...process.env, AWS_PAGER: "", PATH: aws === "aws" ? process.env.PATH : `${dirname(aws)}:${process.env.PATH}` } })),
  },
  Python: python,
  "Python resource": python,
  JavaScript: javascript,
  "JavaScript documents": javascript,
  Go: go,
  "Go expressions": go,
  Java: java,
  "Java Enhanced": { ...java, there: java.there && existsSync(join(jars, "AwsJavaSdk-DynamoDb-Enhanced-2.0.jar")) },
  PHP: php,
  ".NET": dotnet,
  Rust: rust,
  cURL: { there: works("curl", "--version"), run: (text, cwd) => run("bash", ["-c", `curl() { command curl -sS --fail-with-body "$@"; }\nset -e\n${text}`], { cwd }) },
  PartiQL: {
    there: true,
    run: async (text, _, server) => {
      const { DynamoDBClient, ExecuteStatementCommand, ExecuteTransactionCommand } = await import("@aws-sdk/client-dynamodb");
      const client = new DynamoDBClient({ endpoint: server?.url, region: server?.region, credentials: { accessKeyId: server?.account ?? "", secretAccessKey: "stator" } });
      const [first = "", ...more] = text.split(/;\n+/).filter((statement) => statement !== "");
      const items: unknown[] = [];
      try {
        if (more.length > 0) await client.send(new ExecuteTransactionCommand({ TransactStatements: [first, ...more].map((Statement) => ({ Statement })) }));
        else {
          let NextToken: string | undefined;
          do {
            const page = await client.send(new ExecuteStatementCommand({ Statement: first, NextToken }));
            items.push(...(page.Items ?? []));
            NextToken = page.NextToken;
          } while (NextToken);
        }
      } finally {
        client.destroy();
      }
      return { stdout: JSON.stringify(items) };
    },
  },
};

// programs returns what runs each of several codes in a language. Where that can be,
// they are built at once.
export async function programs(language: string, texts: string[], dir: string, server: Server): Promise<(() => Promise<Output>)[]> {
  const { run, build } = languages[language] ?? {};
  if (!run) throw new Error(`nothing runs ${language}`);
  return build ? build(texts, dir) : texts.map((text) => () => run(text, dir, server));
}

// takesBase64 tells whether the AWS CLI that is here has binary values as code has them.
export const takesBase64 = works("bash", "-c", `${aws} --version 2>&1 | grep -q aws-cli/2`);

// isThere tells whether code in a language can be run here: in CI it must be.
export function isThere(language: string): boolean {
  const there = languages[language]?.there ?? false;
  if (!there && (process.env.CI ?? "false") !== "false") throw new Error(`${language} is not installed, and this is CI`);
  return there;
}

// inDirectory makes a directory among the tests for as long as it is used.
export async function inDirectory(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(import.meta.dirname, "code-"));
  try {
    await use(dir);
  } finally {
    for (const driver of drivers) driver.stdin?.end();
    drivers.clear();
    rmSync(dir, { recursive: true, force: true });
  }
}
