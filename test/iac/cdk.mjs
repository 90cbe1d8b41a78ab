// node cdk.mjs OUT FILE... makes of the stack of AWS CDK in each NAME.js a template,
// OUT/NAME.template.json, and looks whether all templates, also each NAME.yaml, are as
// CloudFormation has its resources.
import { basename, resolve } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";

const [outdir, ...files] = process.argv.slice(2);
const strict = { "@aws-cdk/core:validateAgainstDefaultRules": true, "@aws-cdk/core:strictCfnValidateErrors": true };
const app = new App({ analyticsReporting: false, outdir, context: strict });
Validations.of(app).acknowledge({ id: "CloudFormation-Validate::E1029", reason: "${a} in a name is no reference" });
for (const file of files) {
  const name = basename(file).split(".")[0];
  if (file.endsWith(".yaml")) {
    new CfnInclude(new Stack(app, `${name}-yaml`), "Template", { templateFile: resolve(file) });
    continue;
  }
  const [Made, ...more] = Object.values((await import(resolve(file))).default);
  if (more.length > 0) throw new Error(`${file} exports more than a stack`);
  new Made(app, name);
}
try {
  app.synth();
} catch (err) {
  // Of a library in one line all of it would be shown.
  console.error(err.message);
  process.exitCode = 1;
}
