import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const startTimeout = 20_000; // a loaded machine is slow; stator is not

// A Stator is a server process of the tests' own.
export class Stator {
  url = "";
  log = "";
  #process: ChildProcess | undefined;
  readonly #args: string[];
  readonly #home = mkdtempSync(join(tmpdir(), "stator-ui-"));

  private constructor(args: string[]) {
    this.#args = args;
  }

  // start runs stator on a free port and returns when it is ready.
  static async start(...args: string[]): Promise<Stator> {
    const s = new Stator(args);
    await s.#run("127.0.0.1:0");
    return s;
  }

  // stop ends the process in the orderly way, and waits until it is gone.
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  // again starts it where it was, after stop or kill: at the same URL.
  async again(): Promise<void> {
    await this.#run(new URL(this.url).host);
  }

  // remove ends it, and clears away what it left.
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (!process || process.exitCode !== null || process.signalCode !== null) {
      return;
    }
    const gone = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await gone;
  }

  #run(listen: string): Promise<void> {
    const program = process.env.STATOR_TEST_PROGRAM;
    if (!program) {
      throw new Error("STATOR_TEST_PROGRAM is not set");
    }
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|STATOR_|LOCALSTACK_|DYNAMODB_|GATEWAY_LISTEN$)/.test(name)));
    const child = spawn(program, ["--listen", listen, ...this.#args], { env: { ...env, HOME: this.#home }, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    const orphan = () => child.kill("SIGKILL");
    process.once("exit", orphan);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`stator did not say that it is ready\n${this.log}`)), startTimeout);
      const read = (text: Buffer) => {
        this.log += text.toString();
        // They are two streams: either may come first.
        const url = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(this.log)?.[0];
        if (url && /^Ready\.$/m.test(this.log)) {
          clearTimeout(timer);
          this.url = url;
          resolve();
        }
      };
      this.log = "";
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        process.off("exit", orphan);
        clearTimeout(timer);
        reject(new Error(`stator ended: ${code ?? signal}\n${this.log}`)); // no more than a note once it was ready
      });
    });
  }
}
