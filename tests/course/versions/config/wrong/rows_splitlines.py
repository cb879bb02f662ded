# why: a line separator inside a text ends a row, too

# %% rows.read_rows
def read_rows(path):
    if not os.path.exists(path):
        return []
    rows = []
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if number == len(lines) and not line.endswith("\n"):
            break
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
    return rows
