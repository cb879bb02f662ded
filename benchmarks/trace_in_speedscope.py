"""A trace of module 8, read by a viewer's own reader: the importer of speedscope, from its npm package.

    python benchmarks/trace_in_speedscope.py        # needs node and npm, and fetches two packages into a scratch folder

Claim: speedscope takes the file for a trace in the Trace Event Format, and its self times, path by path, are those that
`by_path` finds, for a step of training and for two threads.

Last result, speedscope 1.25.0, node 20.20.2: 75 events, 51 paths, no difference of a self time above 1e-15 s.
"""

import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tinytorch.core.autograd import no_grad
from tinytorch.core.cnn import small_cnn
from tinytorch.core.mlp import CrossEntropyLoss
from tinytorch.core.profiling import Profiler, by_path, save_trace, watch
from tinytorch.core.tensor import Tensor

PACKAGES = "speedscope@1.25.0", "jsdom@24.1.3"
READER = """
const fs = require("fs"), path = require("path"), { JSDOM } = require("jsdom");
const folder = "node_modules/speedscope/dist/release";
const bundle = fs.readdirSync(folder).find((name) => /^speedscope-.*\\.js$/.test(name));
let code = fs.readFileSync(path.join(folder, bundle), "utf8");
// The names that this version's bundle gives to isTraceEventFormatted and importTraceEvents.
const text = 'console\\\\.log\\\\("Importing as Trace Event Format profile"\\\\)';
const test = new RegExp(`if\\\\((\\\\w+)\\\\(r\\\\)\\\\)return ${text},(\\\\w+)\\\\(r\\\\)`);
const [, accepts, imports] = code.match(test);
code = code.replace("(()=>{", `(()=>{globalThis.reader={accepts:(r)=>${accepts}(r),imports:(r)=>${imports}(r)};`);
const page = new JSDOM("<body></body>", { runScripts: "outside-only", url: "http://localhost/" });
try { page.window.eval(code); } catch (error) { /* there is no canvas to draw on */ }
const trace = page.window.JSON.parse(fs.readFileSync("trace.json", "utf8")), found = [];
function walk(node, names) {
  for (const child of node.children) {
    const below = [...names, child.frame.name];
    found.push([below, child.getSelfWeight()]);
    walk(child, below);
  }
}
const accepted = page.window.reader.accepts(trace);
for (const profile of page.window.reader.imports(trace).profiles) walk(profile.getAppendOrderCalltreeRoot(), []);
fs.writeFileSync("found.json", JSON.stringify({ accepted, found }));
process.exit(0);
"""


def profiled() -> Profiler:
    rng = np.random.default_rng(0)
    model, images = small_cnn((3, 8, 16), 10, 32, rng), Tensor(rng.standard_normal((64, 3, 32, 32)).astype(np.float32))
    profile = Profiler()
    watched = watch(model, profile)
    with profile, profile.span("step"):
        with profile.span("forward"):
            loss = CrossEntropyLoss()(watched(images), np.arange(64) % 10)
        with profile.span("backward"):
            loss.backward()
    with profile, no_grad(), ThreadPoolExecutor(2) as pool:
        list(pool.map(watched, [images, images]))
    return profile


def main() -> None:
    profile = profiled()
    with tempfile.TemporaryDirectory() as folder:
        save_trace(Path(folder) / "trace.json", profile)
        (Path(folder) / "read.js").write_text(READER, encoding="utf-8")
        subprocess.run(["npm", "install", "--silent", "--no-save", *PACKAGES], cwd=folder, check=True)
        subprocess.run(["node", "read.js"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        read = json.loads((Path(folder) / "found.json").read_text(encoding="utf-8"))
    theirs = {}
    for names, microseconds in read["found"]:
        path = tuple(name.partition(" {")[0] for name in names)  # speedscope puts the args into the name
        theirs[path] = theirs.get(path, 0.0) + microseconds / 1e6
    ours = by_path(profile.events)
    assert read["accepted"], "not taken for a trace"
    assert set(theirs) == set(ours), "other paths"
    most = max(abs(theirs[path] - ours[path]) for path in ours)
    print(f"{len(profile.events)} events, {len(ours)} paths, the largest difference of a self time is {most:.1e} s")
    assert most < 1e-9


if __name__ == "__main__":
    main()
