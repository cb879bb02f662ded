# why: takes a Path, and no text, for a path

# %% rows
#| export
def append_row(path, row):
    found = {}
    for name, value in row.items():
        value = value.item() if isinstance(value, np.generic) else value
        finite = not isinstance(value, float) or math.isfinite(value)
        found[name] = value if finite else None
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(found) + "\n")


def read_rows(path):
    if not path.exists():
        return []
    rows = []
    *lines, _ = Path(path).read_text(encoding="utf-8", errors="replace").split("\n")
    for number, line in enumerate(lines, 1):
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
    return rows
