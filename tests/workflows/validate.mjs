// node validate.mjs NODE_MODULES FILE…   reads workflow and action files by GitHub's own parser, and prints what it objects to.
//
// NODE_MODULES has the npm package @actions/languageservice.
import fs from "node:fs";
import { register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// The package is made for bundlers: it imports JSON files as if they were modules, which node refuses.
const hook = `
import fs from "node:fs";
export async function load(url, context, next) {
  if (!url.endsWith(".json")) return next(url, context);
  return { format: "module", shortCircuit: true, source: "export default " + fs.readFileSync(new URL(url), "utf8") };
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const [modules, ...files] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(path.resolve(modules, name)));
const { validate } = await load("@actions/languageservice/dist/index.js");
const { TextDocument } = await load("vscode-languageserver-textdocument/lib/esm/main.js");

/** Workflows of this repository that another one calls. */
const fileProvider = {
  async getFileContent(reference) {
    return { name: reference.path, content: fs.readFileSync(reference.path, "utf8") };
  },
};

let errors = 0;
for (const file of files) {
  const document = TextDocument.create(pathToFileURL(path.resolve(file)).href, "yaml", 1, fs.readFileSync(file, "utf8"));
  for (const { message, range, severity } of await validate(document, { fileProvider })) {
    if (severity > 2) continue; // 1 error, 2 warning, 3 information, 4 hint
    errors += 1;
    console.error(`${file}:${range.start.line + 1}: ${message}`);
  }
}
console.log(`${files.length} files, ${errors} objections of GitHub's parser`);
process.exit(errors ? 1 : 0);
