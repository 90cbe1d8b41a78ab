// node cdk.mjs OUT FILE.js... makes of each stack of AWS CDK a template, OUT/FILE.json.
import { writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { App } from "aws-cdk-lib";

const [out, ...files] = process.argv.slice(2);
for (const file of files) {
  const [Stack, ...more] = Object.values(await import(resolve(file)).then((m) => m.default));
  if (more.length > 0) throw new Error(`${file} exports more than a stack`);
  const name = basename(file, ".js");
  const app = new App({ analyticsReporting: false, outdir: join(out, `${name}.out`) });
  new Stack(app, name);
  writeFileSync(join(out, `${name}.json`), JSON.stringify(app.synth().getStackByName(name).template));
}
