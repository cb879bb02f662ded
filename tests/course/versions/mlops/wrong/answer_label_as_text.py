# why: the monitor hears of the text of the class

# %% answer
#| export
async def answer(service, body, content_type, user=None):
    started, arm = time.perf_counter(), service.arm_of(user)
    manifest = service.arms[arm].live.manifest
    try:
        image = parse_image(body, content_type, manifest["input"])
        version, probabilities = await service.batchers[arm].submit(image)
    except BadRequest as error:
        return error.status, {"error": str(error)}
    except Exception:
        return 500, {"error": "the model failed; this was not your fault"}
    label, probability = int(probabilities.argmax()), float(probabilities.max())
    service.note(image, manifest["classes"][label], time.perf_counter() - started)
    return 200, {"label": manifest["classes"][label], "probability": probability, "version": version, "arm": arm}
