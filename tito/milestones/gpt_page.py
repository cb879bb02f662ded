"""The page that types: what `tito milestone gpt` trained, on the web by the user's own app of module mlops."""

import asyncio
import time
from itertools import chain, islice

import numpy as np

from tito.milestones import gpt_watched

MOST = 2000  # characters that one request may ask for
PAGE = """<!doctype html><meta charset="utf-8"><title>A GPT that types</title><style>
body {font: 15px system-ui, sans-serif; margin: 2em auto; max-width: 46em; color: #223}
textarea {width: 100%; box-sizing: border-box; font: inherit} form {display: grid; gap: .6em}
pre {white-space: pre-wrap; overflow-wrap: anywhere; min-height: 12em}
pre {border: 1px solid #ccd; border-radius: 6px; padding: 1em}
.prompt {color: #2f66b0} label {margin-right: 1.5em} #drift:not(:empty) {background: #fbe3e1; padding: .6em .9em}
</style><h1>A GPT that types</h1><form><label for="prompt">Begin with</label>
<textarea id="prompt" rows="3">KING RICHARD:
</textarea><div><label>temperature <input id="temperature" type="number" min="0" max="5" step="0.1" value="0.8"></label>
<label>top-k <input id="top_k" type="number" min="1" step="1" value="20"></label>
<button>Write</button> <button type="button" id="stop">Stop</button></div></form>
<pre aria-live="polite"></pre><p id="words"></p><p id="drift" role="status"></p>
<p><a href="./">The server at work</a></p><script>
const $ = (id) => document.querySelector(id), out = $("pre"), words = $("#words"); let stop = null
$("#stop").onclick = () => stop && stop.abort()
async function type(body, at) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader(), begun = performance.now()
  for (let part = await reader.read(), count = 0; !part.done; part = await reader.read()) {
    at.textContent += part.value
    count += part.value.length
    words.textContent = count + " characters, " + Math.round(1000 * count / (performance.now() - begun)) + " a second"
  }
}
async function look() {
  const {ringing, report} = await (await fetch("state", {cache: "no-store"})).json()
  const lines = ringing.map((line) => line + " " + Number(report[line].toPrecision(2)))
  $("#drift").textContent = lines.length ? "Prompts have drifted: " + lines.join(", ") : ""
}
$("form").onsubmit = async (event) => {
  event.preventDefault()
  if (stop) stop.abort()
  const mine = stop = new AbortController(), prompt = $("#prompt").value
  const asked = new URLSearchParams({prompt, temperature: $("#temperature").value, top_k: $("#top_k").value})
  out.innerHTML = "<span class=prompt></span><span></span>"
  const [first, second] = out.children
  first.textContent = prompt
  try {
    const answer = await fetch("write?" + asked, {signal: mine.signal})
    await look()
    if (answer.ok) await type(answer.body, second)
    else words.textContent = (await answer.json()).error
  } catch (error) { if (error.name !== "AbortError") words.textContent = "the server does not answer" }
}
</script>"""


def app_of(model, vocabulary, monitor=None):
    """The user's app for `model`, a GPT: its own routes, of which /predict names the character that follows a window of
    tokens, and GET /write, which streams what the model writes, and GET /type, the page.

    monitor: a PromptMonitor that watches the prompts, or None
    """
    from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
    from tinytorch.core.gpt import stream
    from tinytorch.core.mlops import Bundle, Deployment, create_app

    bundle = Bundle(_next_character(model, len(vocabulary)), _manifest(model, vocabulary))
    watched = {"monitor": monitor, "alarms": gpt_watched.alarms(), "every": gpt_watched.EVERY} if monitor else {}
    app = create_app(Deployment(bundle), **watched)

    def note(prompt, started):
        gpt_watched.note(app.state.service, prompt, time.perf_counter() - started)

    async def write(request):
        started, prompt = time.perf_counter(), prompt_of(request.query_params)
        try:
            options = read_request(request.query_params, vocabulary)
        except ValueError as error:
            note(prompt, started)
            return JSONResponse({"error": str(error)}, 422)
        count = options.pop("count")
        new = stream(model, vocabulary.encode(prompt), np.random.default_rng(options.pop("seed")), **options)
        first = await asyncio.to_thread(next, new)
        note(prompt, started)
        tokens = chain([first], islice(new, count - 1))
        return StreamingResponse((vocabulary.decode([token]) for token in tokens), media_type="text/plain")

    async def page(request):
        return HTMLResponse(PAGE)

    app.add_route("/write", write, methods=["GET"])
    app.add_route("/type", page, methods=["GET"])
    return app


def prompt_of(given) -> str:
    """The prompt of a request's parameters."""
    return given.get("prompt", "").replace("\r\n", "\n")


def read_request(given, vocabulary) -> dict:
    """The options of a stream, of a request's parameters. Raises ValueError that says what is wrong with it."""
    prompt = prompt_of(given)
    unknown = sorted(set(prompt) - set(vocabulary.characters))
    if not prompt or unknown:
        raise ValueError(
            f"the model has never seen {' '.join(unknown)}" if unknown else "begin with a character at least"
        )
    try:
        options = {"temperature": float(given.get("temperature") or 0.8), "top_k": int(given.get("top_k") or 20)}
        options |= {"count": int(given.get("count") or 600), "seed": int(given["seed"]) if given.get("seed") else None}
    except ValueError:
        raise ValueError("temperature is a number; top_k, count and seed are whole numbers") from None
    inside = 0 <= options["temperature"] <= 5 and options["top_k"] > 0 and 0 < options["count"] <= MOST
    if not inside or (options["seed"] or 0) < 0:
        raise ValueError(f"temperature is from 0 to 5, top_k from 1 on, count from 1 to {MOST}, seed from 0 on")
    return options


def _next_character(model, count):
    """A Module as the app wants one: it takes numbers from 0 to 1, and gives the logits of the next character."""
    from tinytorch.core.mlp import Module
    from tinytorch.core.tensor import Tensor

    class NextCharacter(Module):
        def __init__(self):
            self.model = model

        def forward(self, x):
            return self.model(Tensor(np.rint(x.data * (count - 1)).astype(np.int64)))[:, -1]

    return NextCharacter().eval()


def _manifest(model, vocabulary):
    shape = {"shape": [model.context], "low": 0, "high": len(vocabulary) - 1}
    about = {"format": 1, "name": "gpt", "version": "1", "sha256": "", "model": {}}
    return about | {"input": shape, "classes": list(vocabulary.characters)}
