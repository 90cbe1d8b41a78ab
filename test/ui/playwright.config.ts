import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { defineConfig } from "@playwright/test";

// The browser is the system's own: Playwright downloads none.
function chromium(): string {
  if (process.env.CHROMIUM) {
    return process.env.CHROMIUM;
  }
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const dir of (process.env.PATH ?? "").split(delimiter)) {
      const path = join(dir, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // it is not there
      }
    }
  }
  throw new Error("there is no chromium in PATH: install it, or set CHROMIUM to its path");
}

// The SDK here only makes what tests need.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

export default defineConfig({
  testDir: ".",
  outputDir: "results",
  globalSetup: "./setup.ts",
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  workers: 2,
  retries: 0, // what passes sometimes is broken
  reporter: process.stdout.isTTY ? "line" : "dot", // in a log only what failed is worth a line
  timeout: 60_000, // of each test: a machine may have other things to do
  expect: { timeout: 15_000 },
  use: {
    browserName: "chromium",
    headless: true,
    viewport: { width: 1400, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    colorScheme: "light",
    // Nothing is caught half way.
    contextOptions: { reducedMotion: "reduce" },
    permissions: ["clipboard-read", "clipboard-write"],
    screenshot: "only-on-failure",
    trace: "off",
    video: "off",
    launchOptions: {
      executablePath: chromium(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Whatever a page asks of another host, nobody answers.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ],
    },
  },
});
