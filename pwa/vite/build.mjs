// Builds both entries into dist: the field app first (it empties dist), then the desk.
import { build } from "vite";

const at = process.argv.indexOf("--logLevel");
const logLevel = at > 0 ? process.argv[at + 1] : "info";
for (const mode of ["field", "desk"]) await build({ mode, logLevel });
