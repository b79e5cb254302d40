// node wrappers/pyodide.mjs PACKAGE FILE ARG…   behaves like `python FILE ARG…`: Pyodide, with this machine's folders.
//
// PACKAGE is the folder of the npm package pyodide. POSIX hosts only: paths are the same inside and outside.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// Folders that Pyodide has itself, or that belong to the system: the rest of the file system is lent as it is.
const OWN = new Set(["bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "lost+found", "proc", "run", "sbin", "sys", "usr"]);

/** Give Python every folder of the root that it does not have itself. */
function lendFolders(FS) {
  for (const name of fs.readdirSync("/")) {
    const folder = `/${name}`;
    if (OWN.has(name) || !fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
    FS.mkdirTree(folder);
    FS.mount(FS.filesystems.NODEFS, { root: folder }, folder);
  }
}

/** A writer that loses nothing: a descriptor that takes no more now is tried again after 2 ms. */
function writer(fd) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const write = (bytes) => {
    let written = 0;
    while (written < bytes.length) {
      try {
        written += fs.writeSync(fd, bytes, written);
      } catch (error) {
        if (error.code !== "EAGAIN") throw error;
        Atomics.wait(pause, 0, 0, 2);
      }
    }
    return written;
  };
  return { write, isatty: false };
}

async function main([folder, ...args]) {
  if (!folder || !fs.existsSync(path.join(folder, "pyodide.mjs"))) {
    console.error("usage: node pyodide.mjs PACKAGE FILE ARG…   PACKAGE: the folder of the npm package pyodide");
    return 2;
  }
  try {
    createRequire(path.resolve(folder, "pyodide.mjs")).resolve("ws");
  } catch {
    // Without it a socket would end Python, and that would look like a crash of Python's.
    console.error(`the npm package ws is not there, which ${folder} needs: get both with npm`);
    return 2;
  }
  const { loadPyodide } = await import(pathToFileURL(path.resolve(folder, "pyodide.mjs")));
  // Python makes FILE absolute while it starts, and starts in the folder HOME: so that must say the working folder
  // then. Pyodide sets PYTHONINSPECT, under which sys.exit() would be a traceback.
  const here = process.cwd();
  const compiled = path.resolve(folder, "python_stdlib_compiled.zip"); // by compile_stdlib.py: starts twice as fast
  const library = fs.existsSync(compiled) ? { stdLibURL: compiled } : {};
  const python = await loadPyodide({ ...library, args, env: { PYTHONINSPECT: "", ...process.env, HOME: here } });
  lendFolders(python.FS);
  python.FS.chdir(OWN.has(here.split("/")[1]) ? "/" : here);
  python.globals.set("_home", process.env.HOME ?? null);
  python.runPython("import os; os.environ.pop('HOME'); _home and os.environ.update(HOME=_home); del _home, os");
  python.setStdin();
  python.setStdout(writer(1));
  python.setStderr(writer(2));
  try {
    return python._module._run_main(); // CPython's own command line
  } catch (error) {
    if (typeof error.status === "number") return error.status; // os._exit()
    throw error;
  }
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error) => {
    if (typeof error.status === "number") process.exit(error.status); // as for `python --version`
    console.error(String(error.message ?? error)); // not the error itself: node would print a megabyte of source with it
    process.exit(1);
  },
);
