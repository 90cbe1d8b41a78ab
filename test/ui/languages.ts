import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

const python = ["python3", "/usr/bin/python3"].find((name) => works(name, "-c", "import boto3"));

// How code in each language is run in a directory that inDirectory makes. It finds the SDKs of the tests.
export const languages: Record<string, { there: boolean; run: (text: string, dir: string) => Promise<{ stdout: string }> }> = {
  "AWS CLI": { there: works("aws", "--version"), run: (text, cwd) => run("bash", ["-c", text], { cwd, env: { ...process.env, AWS_PAGER: "" } }) },
  Python: { there: python !== undefined, run: (text, cwd) => run(python ?? "", ["-c", text], { cwd }) },
  JavaScript: {
    there: true,
    run: (text, cwd) => {
      writeFileSync(join(cwd, "code.mjs"), text);
      return run(process.execPath, ["code.mjs"], { cwd });
    },
  },
  Go: {
    there: works("go", "version"),
    run: (text, cwd) => {
      writeFileSync(join(cwd, "code.go"), text);
      return run("go", ["run", "code.go"], { cwd });
    },
  },
  cURL: { there: works("curl", "--version"), run: (text, cwd) => run("bash", ["-c", `${text} -sS --fail-with-body`], { cwd }) },
};

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
    rmSync(dir, { recursive: true, force: true });
  }
}
