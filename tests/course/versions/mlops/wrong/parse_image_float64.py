# why: float64

# %% parse_image.parse_image
def parse_image(body, content_type, spec):
    kind = content_type.partition(";")[0].strip().lower()
    if len(body) > MAX_BODY:
        raise BadRequest(413, f"a body has at most {MAX_BODY} bytes")
    if kind not in ("application/json", "application/octet-stream"):
        raise BadRequest(415, f"send application/json or application/octet-stream, not {kind or 'nothing'}")
    values, count = np.frombuffer(body, np.uint8), math.prod(spec["shape"])
    if kind == "application/json":
        content = parse_json(body)
        values = content.get("image") if isinstance(content, dict) else None
        if not isinstance(values, list) or set(map(type, values)) - {int, float}:
            raise BadRequest(422, 'send {"image": [0, 0, 17, …]}: a flat list of numbers')
    pixels = np.array(values, np.float64)
    if len(pixels) != count:
        raise BadRequest(422, f"an image has {count} numbers here, and {len(pixels)} came")
    if not ((spec["low"] <= pixels) & (pixels <= spec["high"])).all():
        raise BadRequest(422, f"numbers go from {spec['low']} to {spec['high']}")
    return pixels.reshape(spec["shape"])
