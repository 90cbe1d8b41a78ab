import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

// What styles are made of is not among the modules.
const also = ["tailwindcss"];

interface Package {
  name: string;
  version: string;
  licence: string;
  text: string;
}

function packageIn(dir: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as { name: string; version: string; license?: string };
  const file = readdirSync(dir).sort().find((f) => /^(licen[cs]e|copying)(\.|-|$)/i.test(f));
  return { name, version, licence: license ?? "", text: file ? readFileSync(join(dir, file), "utf8").replaceAll("\r\n", "\n").trim() : "" };
}

// licences writes what is built into the browser, and under which licences, to
// licences.txt: each text once, with all that it is for.
export function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle(_, bundle) {
      const dirs = new Set(also.map((name) => join(import.meta.dirname, "node_modules", name)));
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.type === "chunk" ? chunk.moduleIds : []) {
          const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replace(/^\0/, ""));
          if (found?.[1] && existsSync(join(found[1], "package.json"))) dirs.add(found[1]);
        }
      }
      const byText = new Map<string, string[]>();
      const named = new Map([...dirs].map(packageIn).map((p) => [`${p.name} ${p.version} (${p.licence})`, p]));
      for (const name of [...named.keys()].sort()) {
        const text = named.get(name)?.text ?? "";
        byText.set(text, [...(byText.get(text) ?? []), name]);
      }
      const parts = [...byText].map(([text, names]) => `${names.join("\n")}\n\n${text || "It has no file with the text of its licence."}\n`);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: `What is built into the Resource Browser, with its licences.\n\n${parts.join(`\n${"-".repeat(72)}\n\n`)}` });
    },
  };
}
