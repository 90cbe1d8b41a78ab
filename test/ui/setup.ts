import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { screenshots } from "./fixtures";

// Before the first test: the program under test is built, unless it is given.
export default function setup(): () => void {
  if (!process.env.STATOR_TEST_PROGRAM) {
    const program = join(import.meta.dirname, ".build", "stator");
    execFileSync("go", ["build", "-o", program, "./cmd/stator"], { cwd: join(import.meta.dirname, "..", ".."), stdio: "inherit" });
    process.env.STATOR_TEST_PROGRAM = program;
  }
  return () => console.log(`screenshots: ${screenshots}`);
}
